"""The two cameras of a rectified pair: from a file, or from a focal length."""

import re
from math import inf
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mdetools.datasets.checks import check_baseline
from mdetools.datasets.rgbd.cameras import CAMERA_FILES, Camera, camera_of, read_camera_file
from mdetools.errors import UserError, one_line
from mdetools.reading import read_lines

__all__ = ["RIG_FILES", "StereoRig", "camera_of_focal", "read_rig_file", "shift_right"]

RIG_FILES = ("calib.txt", "calib.json", *CAMERA_FILES)
FORMS = "a camera and its baseline in metres, such as `fx = 700`, ..., `baseline = 0.12`, or Middlebury's calib.txt"
ENTRY = r"""["']?\b{}\b["']?\s*[:=]\s*["']?([-+.\w]+)"""
MILLIMETRES = 1000
LARGEST = 1e5  # pixels between two principal points


class StereoRig(NamedTuple):
    """What a file says of a pair's cameras."""

    camera: Camera | None = None  # the left one
    focal: float | None = None  # pixels, where the rest of the camera is not known
    baseline: float | None = None  # metres
    offset: float = 0.0  # columns by which the right camera's principal point lies further to the right


def read_rig_file(path: Path) -> StereoRig:
    """The cameras that a file describes.

    Either Middlebury's `calib.txt` (from 2014 on; ETH3D's is alike): `cam0=[f 0 cx; 0 f cy; 0 0 1]`, `doffs`,
    `baseline` in millimetres, `width` and `height`. Or any form of `read_camera_file`, or `focal = 700` in its place,
    with `baseline` in metres, in a .json or in a text.

    Raises:
        UserError: if it cannot be read, or describes no cameras.
    """
    text = "\n".join(line.split("#")[0] for line in read_lines(path, FORMS))
    baseline, focal = entry(text, "baseline", path), entry(text, "focal", path)
    in_brackets = re.search(r"^\s*cam0\s*=", text, re.MULTILINE) is not None
    if baseline is not None:
        baseline /= MILLIMETRES if in_brackets else 1
        check_baseline(baseline, str(path))
    if focal is not None and not 0 < focal < inf:
        raise UserError(f"{path}: focal is {focal}, expected a positive number of pixels; fix it")
    if not in_brackets:
        return StereoRig(read_camera_file(path) if focal is None else None, focal, baseline)
    camera, offset = camera_in_brackets(text, "cam0", path), entry(text, "doffs", path)
    if offset is None and re.search(r"^\s*cam1\s*=", text, re.MULTILINE):
        offset = float(camera_in_brackets(text, "cam1", path).intrinsics[0, 2] - camera.intrinsics[0, 2])
    if offset is not None and not abs(offset) < LARGEST:
        raise UserError(f"{path}: doffs is {offset}, expected a number of pixels; fix it")
    return StereoRig(camera, None, baseline, offset or 0.0)


def entry(text: str, name: str, path: Path) -> float | None:
    """The number of a name in a text, or None.

    Raises:
        UserError: if it is none.
    """
    found = re.search(ENTRY.format(name), text)
    try:
        return found and float(found[1])
    except ValueError as error:
        raise UserError(f"{path}: {name} is '{one_line(found[1], 80)}', expected a number; fix it") from error


def camera_in_brackets(text: str, name: str, path: Path) -> Camera:
    """A camera of Middlebury's form, `cam0=[f 0 cx; 0 f cy; 0 0 1]`, with the size that the text gives."""
    numbers = re.search(rf"^\s*{name}\s*=\s*\[([^\]]*)\]", text, re.MULTILINE)
    values = re.split(r"[\s;,]+", numbers[1].strip()) if numbers else []
    size = {side: value for side in ("width", "height") if (value := entry(text, side, path)) is not None}
    return camera_of({"matrix": values, **size}, f"{path}, {name}")


def camera_of_focal(focal: float, size: tuple[int, int]) -> np.ndarray:
    """Intrinsics (3, 3) of a focal length in pixels, with the principal point in the middle of an image (H, W)."""
    height, width = size
    return np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]])


def shift_right(image: np.ndarray, offset: float) -> np.ndarray:
    """A right image (H, W, 3) as a camera with the left one's principal point sees it.

    Its pixel x is the old one's x + offset. What comes in at the border is black, and matches no pixel of the left
    image.
    """
    height, width = image.shape[:2]
    return cv2.warpAffine(image, np.array([[1, 0, -offset], [0, 1, 0]], np.float64), (width, height))
