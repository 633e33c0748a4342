"""Hypersim's frames, where their files lie, and the splits."""

import re
from pathlib import Path
from typing import NamedTuple

from mdetools.datasets.hypersim.tables import read_table
from mdetools.datasets.rgbd.frame_list import find_list, numbered_lines
from mdetools.datasets.scene_frames import SceneSplit, find_frames
from mdetools.errors import UserError, one_line
from mdetools.reading import is_file

__all__ = ["HypersimFrame", "read_split"]

SPLIT_TABLE = "metadata_images_split_scene_v1.csv"
COLUMNS = ("scene_name", "camera_name", "frame_id", "included_in_public_release", "split_partition_name")
PARTITIONS = ("train", "val", "test")
PATH = re.compile(r"(ai_\d{3}_\d{3})/images/scene_(cam_\d{2})_\w+/frame\.(\d{4})\.")
DEPTH_PATH = re.compile(r"(ai_\d{3}_\d{3})/images/scene_(cam_\d{2})_geometry_hdf5/frame\.(\d{4})\.depth_meters\.hdf5")
LAYOUT = "ai_001_001/images/scene_cam_00_geometry_hdf5/frame.0000.depth_meters.hdf5"


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


def read_split(split: SceneSplit, root: Path) -> tuple[Path, list[HypersimFrame]]:
    """The frames of a split, and where they are named.

    Args:
        split: path of a list of files, or name of one in the root without `.txt`; a partition of the official table,
            which lies in the root, or, as in the repository, beside it in `analysis`; `all`; or scenes.
        root: folder of the scenes.

    Raises:
        UserError: if there is no such split, or its file is not what was expected.
    """
    split = str(split) if isinstance(split, Path) else split
    listed = find_list(split, root) if isinstance(split, str) else None
    if listed is not None:
        return listed, read_frame_paths(listed)
    if isinstance(split, str) and split != "all" and not split.startswith("ai_"):
        places = [root / SPLIT_TABLE, root.parent / "analysis" / SPLIT_TABLE]
        table = next(filter(is_file, places), None)
        if split not in PARTITIONS or table is None:
            raise UserError(
                f"no split '{one_line(split, 100)}': no list of that name in {root}, and not one of "
                f"{', '.join(PARTITIONS)} with the table {places[0]}; copy that from the ml-hypersim repository, or "
                "set --data-root and split"
            )
        return table, read_partition(table, split)
    found = find_frames(root, DEPTH_PATH, lambda match: match.string, split, LAYOUT)
    return root, [frame_of(*DEPTH_PATH.fullmatch(frame.depth).groups()) for frame in found]


def frame_of(scene: str, camera: str, number: str) -> HypersimFrame:
    """The frame of a path's parts."""
    return HypersimFrame(scene, camera, int(number))


def read_frame_paths(path: Path) -> list[HypersimFrame]:
    """The frames of a list in which each line names a file, as Depth Anything's lists do, anywhere on any machine."""
    frames = []
    for number, line in numbered_lines(path, "paths of images"):
        found = {frame_of(*parts) for parts in PATH.findall(line)}
        if len(found) != 1:
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
            frame_of(scene, camera, number)
            for scene, camera, number, published, partition in rows
            if partition == split and published == "True"
        ]
    except ValueError as error:
        raise UserError(f"{path}: a frame_id is not a number ({one_line(error, 100)}); copy the table again") from error
