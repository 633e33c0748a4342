"""Which frames of KITTI raw belong to a split: files of `<date>/<drive> <frame> <side>` lines."""

import re
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mdetools.errors import UserError, one_line
from mdetools.files import failure_reason
from mdetools.layouts.kitti import LEFT, RIGHT, frame_name, image_folder, split_line
from mdetools.reading import is_file, read_cure, read_lines

__all__ = ["KITTIFrame", "frames_on_disk", "read_split", "shipped_splits", "without_image"]

SHIPPED = Path(__file__).parent / "splits"
# File systems take names of 255 bytes, and KITTI's frames have ten digits.
LINE = re.compile(
    r"(?P<drive>[^/\s]{1,200}/[^/\s]{1,200})\s+(?P<frames>[0-9]{1,10}|[0-9]{1,10}-[0-9]{1,10}|\*)\s+(?P<side>[lr])"
)
MOST_FRAMES = 1_000_000  # of a split; KITTI has 48 thousand in all
GRAMMAR = "`<date>/<drive> <frame> <side>` with a frame as 5, 5-102 or * and the side l or r"


class KITTIFrame(NamedTuple):
    """One stereo pair, seen from one of its two sides."""

    drive: str  # <date>/<drive>
    number: int
    side: str  # l or r

    @property
    def id(self) -> str:
        """The line of a split that names this frame alone."""
        return split_line(*self)

    @property
    def date(self) -> str:
        """Folder of the date, which has one calibration."""
        return self.drive.split("/")[0]

    @property
    def camera(self) -> int:
        """Whose image it is: `LEFT` or `RIGHT`."""
        return LEFT if self.side == "l" else RIGHT

    @property
    def other_camera(self) -> int:
        """Whose image is the other one of the pair."""
        return RIGHT if self.side == "l" else LEFT


def shipped_splits() -> list[str]:
    """Names of the splits that come with mdetools; `splits/README.txt` beside this file says what they are."""
    return sorted(path.stem for path in SHIPPED.glob("*.txt") if path.stem != "README")


def find_split(split: str, data_root: Path) -> Path:
    """The file of a split: its path, or by name `<data_root>/<split>.txt`, or else a shipped one.

    Raises:
        UserError: if there is no such file.
    """
    places = [Path(split), data_root / split] if split.endswith(".txt") else [data_root / f"{split}.txt"]
    if split in shipped_splits():
        places.append(SHIPPED / f"{split}.txt")
    for place in places:
        if is_file(place):
            return place
    raise UserError(
        f"no split file {one_line(places[-1], 300)}; write it with lines {GRAMMAR}, set --data-root, name one of "
        f"{', '.join(shipped_splits())}, or make data with `python tools/make_synthetic.py kitti {data_root}`"
    )


def read_split(split: str, data_root: Path) -> tuple[Path, list[KITTIFrame]]:
    """The frames of a split, in the order of its lines, with ranges and `*` spelt out.

    Warns, once, of lines with a `*` whose drive has no pair on the disk.

    Args:
        split: path of a .txt file, or the name of one in `data_root` or of a shipped one.
        data_root: folder of the raw data.

    Returns:
        the split's file, and its frames.

    Raises:
        UserError: if there is no such split, a line of it is malformed, or it names no frame.
    """
    path = find_split(split, data_root)
    lines = {number: text.split("#")[0].strip() for number, text in enumerate(read_lines(path, f"lines {GRAMMAR}"), 1)}
    found, count = {}, 0
    for number, line in lines.items():
        if line:
            found[number] = parse_line(line, f"{path}:{number}", data_root)
            count += len(found[number])
            if count > MOST_FRAMES:
                raise UserError(f"{path}:{number}: more than {MOST_FRAMES} frames, expected a split; fix its ranges")
    frames = [frame for of_line in found.values() for frame in of_line]
    if not frames:
        raise UserError(
            f"{path}: names no frame that is in {data_root}; set --data-root to the folder of <date>/<drive>, or fix "
            f"the lines, expected {GRAMMAR} (* is every pair on the disk)"
        )
    empty = [lines[number] for number, of_line in found.items() if not of_line]
    if empty:
        warnings.warn(
            f"{path}: {len(empty)} of {len(found)} lines add no frame, as their drives have no pair in {data_root}, "
            f"e.g. '{empty[0]}'; copy the drives there, or fix the lines",
            stacklevel=3,
        )
    return path, frames


def parse_line(line: str, place: str, data_root: Path) -> list[KITTIFrame]:
    """The frames of one line of a split, none if it is a `*` without a pair; `place` stands for it in the error."""
    match = LINE.fullmatch(line)
    if match is None:
        raise UserError(f"{place}: found '{one_line(line, 100)}', expected {GRAMMAR}; fix the line")
    if match["frames"] == "*":
        numbers = frames_on_disk(data_root, match["drive"])
    else:
        first, _, last = match["frames"].partition("-")
        numbers = range(int(first), int(last or first) + 1)
        if not numbers:
            raise UserError(f"{place}: found '{line}', a range that ends before it begins; fix the line")
        if len(numbers) > MOST_FRAMES:
            raise UserError(f"{place}: found '{line}', a range of more than {MOST_FRAMES} frames; fix the line")
    return [KITTIFrame(match["drive"], number, match["side"]) for number in numbers]


def image_names(data_root: Path, drive: str, camera: int) -> set[str]:
    """File names without their ending in a drive's folder of images; empty if there is no such folder."""
    folder = data_root / image_folder(drive, camera)
    try:
        return {path.stem for path in folder.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        return set()
    except OSError as error:
        cure = read_cure(error, "fix that, or leave the drive out of the split")
        raise UserError(f"{folder}: cannot be listed ({failure_reason(error)}); {cure}") from error


def frames_on_disk(data_root: Path, drive: str) -> list[int]:
    """Numbers of the frames of a drive whose two images are on the disk, ascending: the rule of Garg et al.'s lists.

    Args:
        data_root: folder of the raw data.
        drive: `<date>/<drive>`.
    """
    names = image_names(data_root, drive, LEFT) & image_names(data_root, drive, RIGHT)
    return sorted(int(name) for name in names if re.fullmatch("[0-9]{1,10}", name))


def without_image(data_root: Path, frames: Iterable[KITTIFrame]) -> list[KITTIFrame]:
    """Those of the frames that have no image of their own camera; each folder is listed once, however many frames."""
    names = cache(lambda drive, camera: image_names(data_root, drive, camera))
    return [frame for frame in frames if frame_name(frame.number) not in names(frame.drive, frame.camera)]
