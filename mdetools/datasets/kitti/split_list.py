"""Which frames of KITTI raw belong to a split: `<date>/<drive> <frame> <side>` lines, or lists of images as in BTS."""

import re
import warnings
from pathlib import Path

from mdetools.datasets.kitti.frame import KITTIFrame
from mdetools.datasets.kitti.on_disk import frames_on_disk
from mdetools.datasets.rgbd.frame_list import find_list, list_names
from mdetools.errors import UserError, one_line
from mdetools.layouts.kitti import LEFT, RIGHT
from mdetools.reading import read_lines

__all__ = ["read_split", "shipped_splits"]

TXT = (".txt",)
SHIPPED = Path(__file__).parent / "splits"
# File systems take names of 255 bytes, and KITTI's frames have ten digits.
LINE = re.compile(
    r"(?P<drive>[^/\s]{1,200}/[^/\s]{1,200})\s+(?P<frames>[0-9]{1,10}|[0-9]{1,10}-[0-9]{1,10}|\*)\s+(?P<side>[lr])"
)
# What lists of images have in place of that, with whatever folder of whatever machine before it.
IMAGE = re.compile(
    r"""(?:"[^"]*?/|'[^']*?/|[^\s"',]*?/)??["']?(?:(?P<date>[^/\s"',]{1,200})/)?(?P<drive>[^/\s"',]{1,200})"""
    r"""/image_0(?P<camera>[23])/data/(?P<frame>[0-9]{1,10})\.(?:png|jpe?g)["']?(?=[\s,]|$)""",
    re.IGNORECASE,
)
DRIVE = re.compile(r"([0-9]{4}_[0-9]{2}_[0-9]{2})_drive_[0-9]+\w*")
MOST_FRAMES = 1_000_000  # of a split; KITTI has 48 thousand in all
GRAMMAR = (
    "`<date>/<drive> <frame> <side>` with a frame as 5, 5-102 or * and the side l or r, or an image and its depth as "
    "in BTS's lists, `<date>/<drive>/image_02/data/<frame>.png <depth or None>`"
)


def shipped_splits() -> list[str]:
    """Names of the splits that come with mdetools; `splits/README.txt` beside this file says what they are."""
    return sorted(path.stem for path in SHIPPED.glob("*.txt") if path.stem != "README")


def find_split(split: str, data_root: Path) -> Path:
    """The file of a split: its path or name, see `find_list`, or else the name of a shipped one.

    Raises:
        UserError: if there is no such file.
    """
    split = str(split)
    listed = find_list(split, data_root, TXT)
    if listed is not None:
        return listed
    if split in shipped_splits():
        return SHIPPED / f"{split}.txt"
    name = list_names(data_root / split, TXT)[0]
    raise UserError(
        f"no split file {one_line(name, 300)}; write it with lines {GRAMMAR}, set --data-root, name one of "
        f"{', '.join(shipped_splits())}, or make data with `python tools/make_synthetic.py kitti {data_root}`"
    )


def read_split(split: str, data_root: Path, stereo: bool = True) -> tuple[Path, list[KITTIFrame]]:
    """The frames of a split, in the order of its lines, with ranges and `*` spelt out.

    Warns, once, of lines with a `*` whose drive has no frame on the disk.

    Args:
        split: path of a .txt file, or the name of one in `data_root` or of a shipped one.
        data_root: folder of the raw data.
        stereo: whether `*` is every pair on the disk, or every image of the line's side.

    Returns:
        the split's file, and its frames.

    Raises:
        UserError: if there is no such split, a line of it is malformed, or it names no frame.
    """
    path = find_split(split, data_root)
    texts = enumerate(read_lines(path, f"lines {GRAMMAR}"), 1)
    lines = {number: re.split(r"(?:^|\s)#", text)[0].strip() for number, text in texts}
    found, count = {}, 0
    for number, line in lines.items():
        if line:
            found[number] = parse_line(line, f"{path}:{number}", data_root, stereo)
            count += len(found[number])
            if count > MOST_FRAMES:
                raise UserError(f"{path}:{number}: more than {MOST_FRAMES} frames, expected a split; fix its ranges")
    frames = [frame for of_line in found.values() for frame in of_line]
    what = "pair" if stereo else "image of that side"
    if not frames:
        raise UserError(
            f"{path}: names no frame that is in {data_root}; set --data-root to the folder of <date>/<drive>, or fix "
            f"the lines, expected {GRAMMAR} (* is every {what} on the disk"
            f"{', with stereo=False every image' if stereo else ''})"
        )
    empty = [lines[number] for number, of_line in found.items() if not of_line]
    if empty:
        warnings.warn(
            f"{path}: {len(empty)} of {len(found)} lines add no frame, as their drives have no {what} in {data_root}, "
            f"e.g. '{empty[0]}'; copy the drives there, or fix the lines",
            stacklevel=3,
        )
    return path, frames


def parse_line(line: str, place: str, data_root: Path, stereo: bool) -> list[KITTIFrame]:
    """The frames of one line of a split, none if it is a `*` without any; `place` stands for it in the error."""
    match = LINE.fullmatch(line.split("#")[0])
    if match is None:
        frame = parse_image(line)
        if frame is not None:
            return [frame]
        raise UserError(f"{place}: found '{one_line(line, 100)}', expected {GRAMMAR}; fix the line")
    if match["frames"] == "*":
        own = LEFT if match["side"] == "l" else RIGHT
        numbers = frames_on_disk(data_root, match["drive"], (LEFT, RIGHT) if stereo else (own,))
    else:
        first, _, last = match["frames"].partition("-")
        numbers = range(int(first), int(last or first) + 1)
        if not numbers:
            raise UserError(f"{place}: found '{line}', a range that ends before it begins; fix the line")
        if len(numbers) > MOST_FRAMES:
            raise UserError(f"{place}: found '{line}', a range of more than {MOST_FRAMES} frames; fix the line")
    return [KITTIFrame(match["drive"], number, match["side"]) for number in numbers]


def parse_image(line: str) -> KITTIFrame | None:
    """The frame of a line that begins with an image's path; None if it does not, or goes on with no depth.

    >>> parse_image("/data/2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.png None 721.5377")
    KITTIFrame(drive='2011_09_26/2011_09_26_drive_0002_sync', number=69, side='l', annotated=False)

    Args:
        line: the path, quoted or not, then nothing, or `None`, or the file of the depth or of the right image, and
            whatever else; the focal length that some lists end with is known from the calibration.
    """
    line = line.replace("\\", "/")
    match = IMAGE.match(line)
    if match is None:
        return None
    further = line[match.end() :].strip(" \t,\"'")
    official = DRIVE.fullmatch(match["drive"])  # which tells its date, whatever the folder above it is called
    date = official[1] if official else match["date"]
    annotated = re.match(r"none\b", further, re.IGNORECASE) is None
    if date is None:
        return None
    if further and annotated and not re.search(r"\.[a-z]", further, re.IGNORECASE):
        return None
    return KITTIFrame(
        f"{date}/{match['drive']}", int(match["frame"]), "l" if match["camera"] == "2" else "r", annotated
    )
