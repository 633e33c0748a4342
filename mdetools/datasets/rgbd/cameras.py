"""The camera of a frame: from an option, or from the nearest file that describes one."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from mdetools.datasets.checks import check_intrinsics
from mdetools.errors import UserError, one_line
from mdetools.geometry import resize_intrinsics
from mdetools.reading import is_file, read_lines

__all__ = ["CAMERA_FILES", "Camera", "by_folder", "camera_of", "read_camera_file"]

CAMERA_FILES = ("intrinsics.txt", "intrinsics.json", "camera.txt", "camera.json", "intrinsic.json")
FORMS = "fx fy cx cy, a 3x3 matrix, or the keys fx, fy, cx, cy, in pixels"
# What RealSense, COLMAP's and NeRF's tools, ROS and Open3D call the same, in lower case.
NAMES = {
    "fx": ("fx", "fl_x"),
    "fy": ("fy", "fl_y"),
    "cx": ("cx", "ppx"),
    "cy": ("cy", "ppy"),
    "width": ("width", "w", "image_width"),
    "height": ("height", "h", "image_height"),
}
MATRICES = ("intrinsics", "intrinsic_matrix", "camera_matrix", "k", "matrix", "data")
Described = TypeVar("Described")
NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"


class Camera(NamedTuple):
    """A pinhole camera."""

    intrinsics: np.ndarray  # (3, 3), pixels
    size: tuple[int, int] | None = None  # (height, width) of the image that they belong to, if that is known

    def at(self, size: tuple[int, int], path: str) -> np.ndarray:
        """Its intrinsics (3, 3) for an image of this size.

        Raises:
            UserError: if it is known for an image of another aspect.
        """
        if self.size is None or self.size == size:
            return self.intrinsics
        scale_y, scale_x = size[0] / self.size[0], size[1] / self.size[1]
        if abs(scale_y / scale_x - 1) > 0.02:
            raise UserError(
                f"{path}: the image is {size[0]}x{size[1]}, and its camera is known for {self.size[0]}x{self.size[1]}, "
                "expected the same aspect; give the camera of this image"
            )
        return resize_intrinsics(self.intrinsics, scale_x, scale_y)


def camera_of(values: object, what: str) -> Camera:
    """A camera in any of the forms that people have.

    Args:
        values: fx, fy, cx and cy as a sequence or by name; or a matrix of 3x3, 3x4 or 4x4 elements, row by row or,
            as Open3D writes it, column by column; or a mapping that has such a matrix under a usual name, and may have
            the image's width and height.
        what: names it in errors.

    Raises:
        UserError: if it is nothing of this, or no camera.
    """
    size = None
    try:
        if isinstance(values, Mapping):
            named = unfolded(values)
            size, values = size_of(named), numbers_of(named)
        matrix = matrix_of(np.asarray(values, np.float64))
    except (TypeError, ValueError, OverflowError, StopIteration, RecursionError) as error:
        raise UserError(f"{what}: found {one_line(values, 100)}, expected {FORMS}; write it so") from error
    check_intrinsics(matrix, what)
    check_pixels(matrix, what)
    return Camera(matrix, size)


def size_of(named: Mapping) -> tuple[int, int] | None:
    """(height, width) that a mapping names."""
    height, width = (next((named[key] for key in NAMES[name] if key in named), None) for name in ("height", "width"))
    if height is None or width is None:
        return None
    if not (0 < int(height) < 2**24 and 0 < int(width) < 2**24):
        raise ValueError("a size that no image has")
    return int(height), int(width)


def numbers_of(named: Mapping) -> object:
    """fx, fy, cx, cy of a mapping, or the matrix in it."""
    values = [next((named[key] for key in NAMES[name] if key in named), None) for name in ("fx", "fy", "cx", "cy")]
    return next(named[key] for key in MATRICES if key in named) if None in values else values


def unfolded(values: Mapping) -> dict:
    """A mapping with its names in lower case, and what another under a matrix's name says beside its own values."""
    named = {str(name).lower(): value for name, value in values.items()}
    key = next((key for key in MATRICES if key in named), None)
    return {**unfolded(named.pop(key)), **named} if isinstance(named.get(key), Mapping) else named


def check_pixels(matrix: np.ndarray, what: str) -> None:
    """Checks that a camera matrix (3, 3) is not in parts of the image's width and height.

    Raises:
        UserError: if it seems to be.
    """
    fx, fy, cx, cy = matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2]
    if fx < 2 and max(abs(cx), abs(cy)) <= 1:
        raise UserError(
            f"{what}: fx fy cx cy are {fx:g} {fy:g} {cx:g} {cy:g}, which look normalised, expected pixels; multiply "
            "by width and height of the image"
        )


def matrix_of(numbers: np.ndarray) -> np.ndarray:
    """The matrix (3, 3) of as many numbers as people give."""
    flat = numbers.ravel()
    if flat.size == 4:
        fx, fy, cx, cy = flat
        return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
    if flat.size not in (9, 12, 16):
        raise ValueError(f"{flat.size} numbers")
    matrix = flat.reshape(4 if flat.size == 16 else 3, -1)[:3, :3]
    by_columns = not matrix[:2, 2].any() and matrix[2, :2].all()
    return np.ascontiguousarray(matrix.T if by_columns else matrix)


def read_camera_file(path: Path) -> Camera:
    """The camera that a file describes: a .json of one of the forms of `camera_of`, or a text of numbers.

    A text may have brackets, commas, `#` comments, and names as in `fx = 500`.

    Raises:
        UserError: if the file cannot be read or describes no camera.
    """
    lines = read_lines(path, FORMS)
    if path.suffix.lower() == ".json":
        try:
            values = json.loads("\n".join(lines))
        except (ValueError, RecursionError) as error:
            raise UserError(f"{path}: is no JSON ({one_line(error, 100)}), expected {FORMS}; fix it") from error
        return camera_of(values, str(path))
    text = " ".join(line.split("#")[0] for line in lines)
    named = re.findall(rf"([A-Za-z_]\w*)\s*[:=]\s*({NUMBER})", text)
    return camera_of(dict(named) if named else re.sub(r"[\[\](),;]", " ", text).split(), str(path))


def by_folder(
    images: Iterable[str], root: Path, names: Sequence[str], read: Callable[[Path], Described]
) -> dict[str, Described | None]:
    """What the nearest file of these names describes, by the folder of each image; None where there is no such file.

    Args:
        images: their paths.
        root: folder of the data set, see `nearest_camera_file`.
        names: of such files, the first counts.
        read: reads one of them.

    Raises:
        UserError: as `read`.
    """
    folders = sorted({str(Path(image).parent) for image in images})
    files = {folder: nearest_camera_file(Path(folder), root, names) for folder in folders}
    described = {file: read(file) for file in set(files.values()) if file is not None}
    return {folder: described.get(file) for folder, file in files.items()}


def nearest_camera_file(folder: Path, root: Path, names: Sequence[str]) -> Path | None:
    """The first file of these names in a folder or above it, up to `root`; outside of that up to its parent."""
    above = [folder, *folder.parents]
    reach = next((above.index(top) + 1 for top in (root, root.absolute()) if top in above), 2)
    return next((at / name for at in above[:reach] for name in names if is_file(at / name)), None)
