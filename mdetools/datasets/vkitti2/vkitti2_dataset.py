"""Virtual KITTI 2 (Cabon et al., 2020): rendered copies of five KITTI drives, in ten variations each."""

import re
from pathlib import Path

import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.checks import check_pair
from mdetools.datasets.presence import keep_present
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.readers.png16 import read_png16_values
from mdetools.datasets.rgbd.depth_kinds import sky_mask, to_metres
from mdetools.datasets.rgbd.frame_list import find_list, numbered_lines
from mdetools.datasets.rgbd.sizes import intrinsics_at
from mdetools.datasets.sample import depth_sample
from mdetools.datasets.scene_frames import SceneSplit, find_frames
from mdetools.datasets.vkitti2.cameras import BASELINE, INTRINSICS, SIZE, read_cameras
from mdetools.errors import UserError, one_line, suggest
from mdetools.reading import is_file
from mdetools.registry import DATASETS

__all__ = ["VKITTI2Dataset"]

LAYOUT = "Scene01/clone/frames/rgb/Camera_0/rgb_00000.jpg"
FRAME = r"Scene\d\d/[\w-]+/frames/rgb/Camera_(?P<camera>[01])/rgb_(?P<number>\d{5})\.jpg"
ARCHIVE = "vkitti_2.0.3_rgb"
CENTIMETRES = 100
HOLES = {"hole": (0, "max"), "depth": (0,)}  # by what the sky is


@DATASETS.register_module()
class VKITTI2Dataset(BaseDataset):
    """Virtual KITTI 2 as its archives unpack, into one tree (`Scene01/...`) or a folder each (`vkitti_2.0.3_rgb/...`).

    Read are `frames/rgb/Camera_*/rgb_*.jpg`, `frames/depth/Camera_*/depth_*.png`, 16-bit centimetres, and, where the
    archive `textgt` is unpacked, `intrinsic.txt`; without it the camera that all published frames have.

    Args:
        data_root: folder of the data set.
        split: `all`, as there is no official split; or scenes, see `find_frames`, such as `Scene01` or
            `["Scene01/clone", "Scene02/clone"]`; or a list of paths such as Depth Anything's:
            `<data_root>/<split>.txt`, or the path of one.
        pipeline: configs of transforms, see `BaseDataset`.
        camera: 0 (left) or 1 (right); a list of paths names its cameras itself.
        sky: the sky is stored as 655.35 m. `hole`: it has no depth, and samples have a map `sky`; `depth`: it keeps
            this one.
        stereo: adds the right image and the baseline to frames of camera 0.

    Raises:
        UserError: if the folder or the split is not there, or none of the frames is.
    """

    def __init__(
        self,
        data_root: str,
        split: SceneSplit = "all",
        pipeline: Pipeline = (),
        camera: int = 0,
        sky: str = "hole",
        stereo: bool = False,
    ) -> None:
        super().__init__(pipeline)
        if sky not in HOLES:
            raise UserError(f"VKITTI2Dataset has no sky '{sky}'; {suggest(sky, HOLES)}")
        if camera not in (0, 1) or (stereo and camera):
            raise UserError(
                f"VKITTI2Dataset has camera={camera} and stereo={stereo}, expected camera 0 or 1, and 0 for stereo; "
                "change one of them"
            )
        self.root, self.sky, self.stereo = Path(data_root), sky, stereo
        self.paths = self.listed(split) or self.found(split, camera)
        if stereo and any("/Camera_1/" in path for path in self.paths):
            raise UserError(
                f"{split}: names images of Camera_1, expected those of Camera_0 alone for stereo; fix the list"
            )
        self.cameras: dict[Path, dict] = {}  # by the table of a variation

    def __len__(self) -> int:
        return len(self.paths)

    def found(self, split: SceneSplit, camera: int) -> list[str]:
        """The images of a camera in the scenes of the split."""
        image = re.compile(f"(.+/)?{FRAME.replace('[01]', str(camera))}")
        frames = find_frames(self.root, image, lambda match: depth_path(match.string), split, LAYOUT)
        return [frame.image for frame in frames]

    def listed(self, split: SceneSplit) -> list[str]:
        """The images that a list names by their paths, anywhere on any machine; none if the split is no such list.

        Raises:
            UserError: if a line of such a list names none, or none of the images is there.
        """
        path = find_list(split, self.root) if isinstance(split, str | Path) else None
        lines = [] if path is None else numbered_lines(path, "paths of images, or scenes")
        matches = [re.search(FRAME, line) for _, line in lines]
        if not any(matches):
            return []
        if None in matches:
            number, line = lines[matches.index(None)]
            found = one_line(line, 100)
            raise UserError(f"{path}:{number}: found '{found}', expected a path with {LAYOUT} in it; fix the line")
        below = f"{ARCHIVE}/" if (self.root / ARCHIVE).is_dir() else ""
        cure = "set --data-root to the folder of Scene01, Scene02, ..., or choose another split"
        return keep_present([below + match[0] for match in matches], depth_path, self.root, path, cure)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is missing or damaged, or sizes differ.
        """
        path = self.paths[index]
        depth_file = self.root / depth_path(path)
        image, values = read_image(self.root / path), read_png16_values(depth_file, "centimetres")
        depth = to_metres(values, scale=CENTIMETRES, holes=HOLES[self.sky])
        name = path.removeprefix(f"{ARCHIVE}/").removesuffix(".jpg")
        sky = sky_mask(values, "max") if self.sky == "hole" else None
        sample = depth_sample(image, depth, self.intrinsics(path, image.shape[:2]), name, str(depth_file), sky=sky)
        if self.stereo:
            right = self.root / path.replace("Camera_0", "Camera_1")
            sample["image_right"], sample["baseline"] = read_image(right), np.float32(BASELINE)
            check_pair(image, self.root / path, sample["image_right"], right)
        return sample

    def intrinsics(self, path: str, size: tuple[int, int]) -> np.ndarray:
        """Intrinsics (3, 3) of the image at `path`, whose size is (H, W)."""
        table = self.root / in_archive("textgt", path.split("/frames/")[0]) / "intrinsic.txt"
        if table not in self.cameras:
            self.cameras[table] = read_cameras(table) if is_file(table) else {}
        match = re.search(FRAME, path)
        key = int(match["number"]), int(match["camera"])
        cameras = self.cameras[table] or {key: INTRINSICS}
        if key not in cameras:
            raise UserError(f"{table}: has no camera of frame {key[0]}, camera {key[1]}; copy the file again")
        return intrinsics_at(cameras[key], SIZE, size)


def depth_path(image: str) -> str:
    """Where the depth of an image lies, both relative to the root."""
    variation, frame = image.split("/frames/")
    return f"{in_archive('depth', variation)}/frames/{frame.replace('rgb', 'depth').removesuffix('.jpg')}.png"


def in_archive(kind: str, path: str) -> str:
    """A path in the archive of images, in the archive of another kind, if they were unpacked into a folder each."""
    return path.replace(f"{ARCHIVE}/", f"{ARCHIVE.replace('rgb', kind)}/")
