"""The crops that published results are computed on, as boxes of an image's size."""

__all__ = ["CROPS", "crop_box"]


def _fractions(top: float, bottom: float, left: float, right: float):
    # Plain truncation, as in the code the results were made with: 0.99189189 * 370 is 366.9999993 and becomes 366.
    return lambda height, width: (int(top * height), int(bottom * height), int(left * width), int(right * width))


def _nyu_eigen(height: int, width: int) -> tuple[int, int, int, int]:
    # Whole numbers, so that 480 x 640 gives 45:471, 41:601 to the pixel.
    return 45 * height // 480, 471 * height // 480, 41 * width // 640, 601 * width // 640


CROPS = {
    "nyu_eigen": _nyu_eigen,
    "garg": _fractions(0.40810811, 0.99189189, 0.03594771, 0.96405229),
    "eigen": _fractions(0.3324324, 0.91351351, 0.0359477, 0.96405229),
}


def crop_box(name: str, height: int, width: int) -> tuple[int, int, int, int]:
    """Top, bottom, left, right (pixels; bottom and right are the first ones outside) of a named crop.

    `nyu_eigen` is rows 45:471 and columns 41:601 of 480 x 640, and the same fractions of any other size (Eigen et al.,
    2014). `garg` and `eigen` are for KITTI, in fractions of the size (Garg et al., 2016; Eigen et al., 2014).
    """
    return CROPS[name](height, width)
