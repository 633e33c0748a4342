"""Hypersim's frames, where their files lie, and the splits."""

import re
from pathlib import Path
from typing import NamedTuple

from mdetools.datasets.hypersim.tables import read_table
from mdetools.errors import UserError, one_line
from mdetools.reading import is_file, read_lines

__all__ = ["HypersimFrame", "read_split"]

SPLIT_TABLE = "metadata_images_split_scene_v1.csv"
COLUMNS = ("scene_name", "camera_name", "frame_id", "included_in_public_release", "split_partition_name")
PARTITIONS = ("train", "val", "test")
PATH = re.compile(r"(?P<scene>ai_\d{3}_\d{3})/images/scene_(?P<camera>cam_\d{2})_\w+/frame\.(?P<number>\d{4})\.")


class HypersimFrame(NamedTuple):
    """A frame by its scene, the camera's path through it, and its number on that path."""

    scene: str
    camera: str
    number: int

    @property
    def id(self) -> str:
        """`ai_001_001/cam_00/0000`."""
        return f"{self.scene}/{self.camera}/{self.number:04d}"

    def path(self, folder: str, ending: str) -> str:
        """A file of the frame, relative to the root, such as folder `geometry_hdf5` and ending `depth_meters.hdf5`."""
        return f"{self.scene}/images/scene_{self.camera}_{folder}/frame.{self.number:04d}.{ending}"


def read_split(split: str, root: Path) -> tuple[Path, list[HypersimFrame]]:
    """The frames of a split, and the file that they stand in.

    Args:
        split: path of a list of files, name of one in the root without `.txt`, or a partition of the official table.
        root: folder of the scenes.

    Raises:
        UserError: if there is no such split, or its file is not what was expected.
    """
    for path in (Path(split), root / f"{split}.txt"):
        if path.suffix == ".txt" and is_file(path):
            return path, read_frame_paths(path)
    table = root / SPLIT_TABLE
    if split not in PARTITIONS or not is_file(table):
        raise UserError(
            f"no split '{split}': neither a list {root / f'{split}.txt'}, nor one of {', '.join(PARTITIONS)} with the "
            f"table {table}; copy the table from the ml-hypersim repository, or set --data-root and split"
        )
    return table, read_partition(table, split)


def read_frame_paths(path: Path) -> list[HypersimFrame]:
    """The frames of a list in which each line names a file, as Depth Anything's lists do, anywhere on any machine."""
    frames = []
    for number, line in enumerate(read_lines(path, "paths of images"), 1):
        found = {HypersimFrame(scene, camera, int(number)) for scene, camera, number in PATH.findall(line)}
        if line.strip() and len(found) != 1:
            raise UserError(
                f"{path}:{number}: found '{one_line(line, 100)}', expected one frame's path or paths, with "
                "ai_VVV_NNN/images/scene_cam_XX_.../frame.IIII. in it; fix the line"
            )
        frames += found
    return frames


def read_partition(path: Path, split: str) -> list[HypersimFrame]:
    """The published frames of a partition of the official table.

    Raises:
        UserError: if the table cannot be read, or holds something else.
    """
    rows = read_table(path, COLUMNS, f"take {SPLIT_TABLE} of the ml-hypersim repository")
    try:
        return [
            HypersimFrame(scene, camera, int(number))
            for scene, camera, number, published, partition in rows
            if partition == split and published == "True"
        ]
    except ValueError as error:
        raise UserError(f"{path}: a frame_id is not a number ({one_line(error, 100)}); copy the table again") from error
