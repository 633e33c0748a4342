"""The bytes of image files and the values of depth files."""

import numpy as np

__all__ = ["as_half", "encode_jpeg", "encode_png"]

PNG_COMPRESSION = 1  # little is gained by more: the textures are fine


def as_half(depth: np.ndarray) -> np.ndarray:
    """Depth as float16, inf also where it is beyond that type's range: ground close to the horizon."""
    return np.where(depth > np.finfo(np.float16).max, np.inf, depth).astype(np.float16)


def encode_jpeg(image: np.ndarray, quality: int) -> bytes:
    """A JPEG of an RGB image (H, W, 3) uint8."""
    import cv2

    _, encoded = cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def encode_png(image: np.ndarray) -> bytes:
    """A PNG of a BGR image (H, W, 3) or a map (H, W), uint8."""
    import cv2

    _, encoded = cv2.imencode(".png", np.ascontiguousarray(image), [cv2.IMWRITE_PNG_COMPRESSION, PNG_COMPRESSION])
    return encoded.tobytes()
