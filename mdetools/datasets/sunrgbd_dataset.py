"""SUN RGB-D (Song et al., CVPR 2015): rooms by four kinds of depth camera."""

import warnings
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.presence import tell_missing
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.readers.mat_texts import read_mat_texts
from mdetools.datasets.readers.png16 import read_png16_values
from mdetools.datasets.rgbd.cameras import read_camera_file
from mdetools.datasets.rgbd.depth_kinds import to_metres
from mdetools.datasets.sample import depth_sample
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError, suggest
from mdetools.registry import DATASETS

__all__ = ["SUNRGBDDataset"]

SPLITS = {"train": "alltrain", "test": "alltest"}
SPLIT_FILE = "SUNRGBDtoolbox/traintestSUNRGBD/allsplit.mat"
ALL = "all"
SENSORS = "SUNRGBD/"  # the folder that the split's paths and the archive have in common
IMAGE, SOURCES = "image", {"raw": "depth", "filled": "depth_bfx"}
MILLIMETRES = 1000


class SUNFrame(NamedTuple):
    """A frame's folder and, in it, its image and its depth, relative to the root."""

    folder: str
    image: str
    depth: str


@DATASETS.register_module()
class SUNRGBDDataset(BaseDataset):
    """SUN RGB-D as its archives unpack: `<data_root>/SUNRGBD/<sensor>/**/<frame>/` and `<data_root>/SUNRGBDtoolbox/`.

    A frame's folder has one image in `image/`, one 16-bit PNG each in `depth/` and `depth_bfx/`, and `intrinsics.txt`.
    The PNGs hold millimetres whose bits are rotated.

    Args:
        data_root: folder of `SUNRGBD`.
        split: `train` or `test`, by the toolbox's `allsplit.mat`, or `all`.
        pipeline: configs of transforms, see `BaseDataset`.
        depth_source: `raw`, as measured; `filled`, where holes were filled from other frames and by filters
            (`depth_bfx`).

    Raises:
        UserError: if the folder or the split is not there or malformed, or none of its frames is.
    """

    def __init__(
        self, data_root: str, split: str = "train", pipeline: Pipeline = (), depth_source: str = "raw"
    ) -> None:
        super().__init__(pipeline)
        if depth_source not in SOURCES:
            raise UserError(f"SUNRGBDDataset has no depth_source '{depth_source}'; {suggest(depth_source, SOURCES)}")
        if split not in (*SPLITS, ALL):
            raise UserError(f"SUNRGBDDataset has no split '{split}'; {suggest(split, (*SPLITS, ALL))}")
        self.root, self.depth_source = Path(data_root), depth_source
        if not self.root.is_dir():
            raise UserError(f"no folder {self.root}, expected SUNRGBD in it; set --data-root")
        frames = frames_in(files_below(self.root), SOURCES[depth_source], self.root)
        self.frames = frames if split == ALL else self.of_split(split, frames)

    def __len__(self) -> int:
        return len(self.frames)

    def of_split(self, split: str, frames: list[SUNFrame]) -> list[SUNFrame]:
        """Those of the frames that the toolbox's split names, in its order."""
        path = self.root / SPLIT_FILE
        names = [after_sensors(name) for name in read_mat_texts(path, SPLITS[split])]
        by_name = {after_sensors(frame.folder): frame for frame in frames}
        missing = [name for name in names if name not in by_name]
        tell_missing(missing, len(names), self.root, path, "set --data-root to the folder of SUNRGBD")
        return [by_name[name] for name in names if name in by_name]

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is missing or damaged, or sizes differ.
        """
        frame = self.frames[index]
        path = str(self.root / frame.depth)
        image, stored = read_image(self.root / frame.image), read_png16_values(path, "millimetres with rotated bits")
        depth = to_metres(stored >> 3 | stored << 13, scale=MILLIMETRES, path=path)
        intrinsics = read_camera_file(self.root / frame.folder / "intrinsics.txt").intrinsics
        return depth_sample(image, depth, intrinsics, after_sensors(frame.folder), path)


def frames_in(files: list[str], depth_folder: str, root: Path) -> list[SUNFrame]:
    """The frames among the files of a root: folders that have one image, and one depth file.

    Raises:
        UserError: if there is none.
    """
    contents = defaultdict(lambda: defaultdict(list))
    for path in files:
        *folder, kind, _ = ["", "", *path.split("/")]
        if kind in (IMAGE, depth_folder):
            contents["/".join(folder[2:])][kind].append(path)
    images = {folder: kinds for folder, kinds in contents.items() if kinds[IMAGE]}
    frames = [
        SUNFrame(folder, kinds[IMAGE][0], kinds[depth_folder][0])
        for folder, kinds in images.items()
        if len(kinds[IMAGE]) == len(kinds[depth_folder]) == 1
    ]
    if not frames:
        raise UserError(
            f"{root}: no folder in it has an image in {IMAGE}/ and a depth file in {depth_folder}/, expected SUNRGBD; "
            "set --data-root"
        )
    if len(frames) < len(images):
        warnings.warn(
            f"{root}: {len(images) - len(frames)} of {len(images)} frames have not one file each in {IMAGE}/ and "
            f"{depth_folder}/; they are left out",
            stacklevel=3,
        )
    return frames


def after_sensors(path: str) -> str:
    """The end of a path, of any machine, that begins with the sensor: `kv1/b3dodata/img_0063`."""
    return path.rsplit(SENSORS, 1)[-1].strip("/")
