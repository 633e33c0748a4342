"""The camera matrix of a frame."""

from mdetools.datasets.doctor.frame import Frame

__all__ = ["camera"]


def camera(frame: Frame) -> dict:
    """`camera`: (fx, fy, cx, cy), in pixels of the image."""
    if frame.intrinsics is None:
        return {}
    matrix = frame.intrinsics
    return {"camera": [float(value) for value in (matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2])]}
