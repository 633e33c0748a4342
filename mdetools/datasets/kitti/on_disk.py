"""Which files of KITTI raw are on the disk: a folder is listed once, however many frames it has."""

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from mdetools.datasets.kitti.frame import KITTIFrame
from mdetools.datasets.presence import file_names
from mdetools.errors import UserError
from mdetools.layouts.kitti import frame_name, image_folder, image_path
from mdetools.reading import is_file

__all__ = ["ENDINGS", "find_image", "frames_on_disk", "tell_of_missing", "without_file", "without_image"]

# Of images, the preferred one first; the same at the start, where folders are listed, and when a frame is read.
ENDINGS = (".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG")


def image_names(data_root: Path, drive: str, camera: int) -> set[str]:
    """Names, without their ending, of the images of a drive's camera."""
    names = map(Path, file_names(data_root / image_folder(drive, camera)))
    return {path.stem for path in names if path.suffix in ENDINGS}


def find_image(data_root: Path, frame: KITTIFrame, camera: int) -> Path:
    """The image file of a frame: the first of `ENDINGS` that there is, or the .png if there is none."""
    for ending in ENDINGS:
        path = data_root / image_path(frame.drive, frame.number, camera, ending)
        if is_file(path):
            return path
    return data_root / image_path(frame.drive, frame.number, camera)


def frames_on_disk(data_root: Path, drive: str, cameras: Iterable[int]) -> list[int]:
    """Numbers of the frames of a drive that have an image of each of the cameras, ascending.

    Args:
        data_root: folder of the raw data.
        drive: `<date>/<drive>`.
        cameras: both (`LEFT`, `RIGHT`) is the rule of Garg et al.'s lists.
    """
    names = set.intersection(*(image_names(data_root, drive, camera) for camera in cameras))
    return sorted(int(name) for name in names if re.fullmatch("[0-9]{1,10}", name))


def without_image(data_root: Path, frames: Iterable[KITTIFrame], stereo: bool = False) -> list[tuple[KITTIFrame, int]]:
    """Those of the frames that lack an image, each with the camera whose image it is.

    Args:
        data_root: folder of the raw data.
        frames: to be looked for.
        stereo: whether the other camera's image is needed too.
    """
    names = cache(lambda drive, camera: image_names(data_root, drive, camera))
    lacking = []
    for frame in frames:
        cameras = (frame.camera, frame.other_camera) if stereo else (frame.camera,)
        missing = [camera for camera in cameras if frame_name(frame.number) not in names(frame.drive, camera)]
        lacking += [(frame, missing[0])] if missing else []
    return lacking


def without_file(frames: Iterable[KITTIFrame], paths: Callable[[KITTIFrame], Sequence[Path]]) -> list[KITTIFrame]:
    """Those of the frames of which none of the `paths` is there."""
    names = cache(file_names)
    return [frame for frame in frames if not any(path.name in names(path.parent) for path in paths(frame))]


def tell_of_missing(missing: int, of: int, what: str, split: Path, cure: str) -> None:
    """Warns that files of some frames of a split are not there.

    Args:
        missing: how many frames have none; nothing is said if that is 0.
        of: how many frames there are.
        what: is missing and where, with an example.
        split: the split's file.
        cure: what to do if no frame has one.

    Raises:
        UserError: if no frame has one.
    """
    found = f"{split}: {missing} of {of} frames have no {what}"
    if missing == of:
        raise UserError(f"{found}; {cure}")
    if missing:
        warnings.warn(f"{found}; each is an error when its turn comes", stacklevel=4)
