"""The crops that published results are computed on, as boxes of an image's size."""

__all__ = ["CROPS", "KB_HEIGHT", "KB_WIDTH", "crop_box"]

KB_HEIGHT = 352  # of the images of KITTI's depth benchmark
KB_WIDTH = 1216


def _fractions(top: float, bottom: float, left: float, right: float):
    # Plain truncation, as in the code the results were made with: 0.99189189 * 370 is 366.9999993 and becomes 366.
    return lambda height, width: (int(top * height), int(bottom * height), int(left * width), int(right * width))


def _nyu_eigen(height: int, width: int) -> tuple[int, int, int, int]:
    # Whole numbers, so that 480 x 640 gives 45:471, 41:601 to the pixel.
    return 45 * height // 480, 471 * height // 480, 41 * width // 640, 601 * width // 640


def _kb(height: int, width: int) -> tuple[int, int, int, int]:
    # All of a side that is not longer, so that what was cropped already stays as it is.
    top, left = max(height - KB_HEIGHT, 0), max((width - KB_WIDTH) // 2, 0)
    return top, height, left, min(left + KB_WIDTH, width)


def _inside(crop, outer):
    """The crop of what the outer one leaves, in pixels of the whole image."""

    def box(height: int, width: int) -> tuple[int, int, int, int]:
        top, bottom, left, right = outer(height, width)
        inner = crop(bottom - top, right - left)
        return top + inner[0], top + inner[1], left + inner[2], left + inner[3]

    return box


_garg = _fractions(0.40810811, 0.99189189, 0.03594771, 0.96405229)
_eigen = _fractions(0.3324324, 0.91351351, 0.0359477, 0.96405229)
CROPS = {
    "nyu_eigen": _nyu_eigen,
    "garg": _garg,
    "eigen": _eigen,
    "kb": _kb,
    "kb_garg": _inside(_garg, _kb),
    "kb_eigen": _inside(_eigen, _kb),
}


def crop_box(name: str, height: int, width: int) -> tuple[int, int, int, int]:
    """Top, bottom, left, right (pixels; bottom and right are the first ones outside) of a named crop.

    `nyu_eigen` is rows 45:471 and columns 41:601 of 480 x 640, and the same fractions of any other size (Eigen et al.,
    2014). `garg` and `eigen` are for KITTI, in fractions of the size (Garg et al., 2016; Eigen et al., 2014).
    `kb` is KITTI's benchmark crop: the 352 lowest rows and the 1216 columns in the middle. `kb_garg` and `kb_eigen` are
    the fractions of what that leaves; of an image of 352x1216 the same as `garg` and `eigen`.
    """
    return CROPS[name](height, width)
