"""ScanNet (Dai et al., CVPR 2017): rooms by a structured-light camera."""

import re
from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.readers.png16 import read_png16
from mdetools.datasets.rgbd.cameras import Camera, read_camera_file
from mdetools.datasets.rgbd.sizes import SIZES, intrinsics_at, to_common_size
from mdetools.datasets.sample import depth_sample
from mdetools.datasets.scene_frames import SceneFrame, SceneSplit, find_frames
from mdetools.errors import UserError, suggest
from mdetools.registry import DATASETS

__all__ = ["ScanNetDataset"]

LAYOUT = "scene0000_00/color/0.jpg, as SensReader exports it"
IMAGE = re.compile(r"(.*/)color/(\d+)\.jpg")
DEPTH, CAMERA = r"\1depth/\2.png", r"\1intrinsic/intrinsic_color.txt"
SIZE = (968, 1296)  # of the images that intrinsic_color.txt belongs to; SensReader can export smaller ones beside it
MILLIMETRES = 1000


@DATASETS.register_module()
class ScanNetDataset(BaseDataset):
    """ScanNet as its `SensReader` exports the `.sens` files: `<scene>/color/0.jpg`, `depth/0.png`, `intrinsic/`.

    Depth is millimetres in 16-bit PNGs of 640x480, images are 1296x968, or exported smaller; the camera follows them.

    Args:
        data_root: folder of the scenes, such as `scans`.
        split: `all`; or a list of scenes, the name or path of one of the benchmark's files, such as `scannetv2_train`;
            or scenes, see `find_frames`.
        pipeline: configs of transforms, see `BaseDataset`.
        match_size: whose size both get, `depth` or `image`, see `to_common_size`.

    Raises:
        UserError: if the folder or the split is not there, or none of its frames is.
    """

    def __init__(
        self, data_root: str, split: SceneSplit = "all", pipeline: Pipeline = (), match_size: str = "depth"
    ) -> None:
        super().__init__(pipeline)
        if match_size not in SIZES:
            raise UserError(f"ScanNetDataset has no match_size '{match_size}'; {suggest(match_size, SIZES)}")
        self.root, self.match_size = Path(data_root), match_size
        frames = find_frames(self.root, IMAGE, lambda match: match.expand(DEPTH), split, LAYOUT)
        self.frames = sorted(frames, key=scene_and_number)

    def __len__(self) -> int:
        return len(self.frames)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is missing or damaged, or the sizes have not one aspect.
        """
        frame = self.frames[index]
        path = str(self.root / frame.depth)
        image, depth = read_image(self.root / frame.image), read_png16(path, MILLIMETRES)
        camera, size = read_camera_file(self.root / IMAGE.sub(CAMERA, frame.image)), image.shape[:2]
        intrinsics = Camera(camera.intrinsics, SIZE).at(size, frame.image)
        image, depth = to_common_size(image, depth, self.match_size, path)
        intrinsics = intrinsics_at(intrinsics, size, image.shape[:2])
        return depth_sample(image, depth, intrinsics, frame.image.removesuffix(".jpg"), path)


def scene_and_number(frame: SceneFrame) -> tuple[str, int]:
    """What frames are sorted by: their names have no leading zeros."""
    scene, number = IMAGE.fullmatch(frame.image).groups()
    return scene, int(number)
