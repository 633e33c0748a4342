"""Hypersim (Roberts et al., ICCV 2021): ray-traced rooms."""

from pathlib import Path

import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.hypersim.cameras import INTRINSICS, SIZE, read_scene_cameras
from mdetools.datasets.hypersim.frames import HypersimFrame, read_split
from mdetools.datasets.hypersim.tone_mapping import tone_map
from mdetools.datasets.presence import keep_present
from mdetools.datasets.readers.hdf5 import read_h5
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.rgbd.depth_kinds import to_metres
from mdetools.datasets.rgbd.sizes import intrinsics_at
from mdetools.datasets.sample import depth_sample
from mdetools.datasets.scene_frames import SceneSplit
from mdetools.errors import UserError, suggest
from mdetools.reading import is_file
from mdetools.registry import DATASETS

__all__ = ["HypersimDataset"]

DEPTH = ("geometry_hdf5", "depth_meters.hdf5")
COLOUR = ("final_hdf5", "color.hdf5")
ENTITY = ("geometry_hdf5", "render_entity_id.hdf5")
PREVIEW = ("final_preview", "tonemap.jpg")
IMAGES = ("hdf5", "preview")
NO_ENTITY = -1


@DATASETS.register_module()
class HypersimDataset(BaseDataset):
    """Hypersim as its archives unpack: `<data_root>/ai_VVV_NNN/images/scene_cam_XX_*/frame.IIII.*`.

    Its depth files hold distances from the camera's centre, which become depth along the optical axis; NaN, background
    of any kind, is a hole, and no sky.
    Frames of the split that are not on the disk are left out, with a warning.

    Args:
        data_root: folder of the scenes.
        split: `train`, `val` or `test` of the official `metadata_images_split_scene_v1.csv`, which must then lie in
            `data_root`; `all` or scenes, see `find_frames`; or a list of paths such as Depth Anything's:
            `<data_root>/<split>.txt`, or the path of one.
        pipeline: configs of transforms, see `BaseDataset`.
        image: `hdf5` maps the tones of `final_hdf5/*.color.hdf5` as the data set's own script does; `preview` reads
            `final_preview/*.tonemap.jpg`, which that script wrote; None is `hdf5` if the first frame has its colours,
            else `preview`.
        cameras: path of `metadata_camera_parameters.csv`, from here or from `data_root`: each scene then has its own
            camera. None takes the paper's for all, as published models do.

    Raises:
        UserError: if the split or the cameras are missing or malformed, or none of the frames is there.
    """

    def __init__(
        self,
        data_root: str,
        split: SceneSplit = "train",
        pipeline: Pipeline = (),
        image: str | None = None,
        cameras: str | None = None,
    ) -> None:
        super().__init__(pipeline)
        if image not in (None, *IMAGES):
            raise UserError(f"HypersimDataset has no image '{image}'; {suggest(image, IMAGES)}")
        self.root = Path(data_root)
        place, frames = read_split(split, self.root)
        cure = "set --data-root to the folder of the ai_VVV_NNN folders, or choose another split"
        self.frames = keep_present(frames, lambda frame: frame.path(*DEPTH), self.root, place, cure)
        self.image = image or ("hdf5" if is_file(self.root / self.frames[0].path(*COLOUR)) else "preview")
        self.cameras = None if cameras is None else self.read_cameras(cameras)

    def __len__(self) -> int:
        return len(self.frames)

    def read_cameras(self, cameras: str) -> dict[str, np.ndarray]:
        """The scenes' cameras; each scene of the split has one."""
        path = self.root / cameras  # which is `cameras` if that is absolute
        path = path if path.exists() else Path(cameras)
        by_scene = read_scene_cameras(path)
        lacking = sorted({frame.scene for frame in self.frames} - by_scene.keys())
        if lacking:
            raise UserError(f"{path}: has no camera of {lacking[0]}; take the whole table, or set cameras=None")
        return by_scene

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is missing or damaged, or an array of it is not what was expected.
        """
        frame = self.frames[index]
        path = str(self.root / frame.path(*DEPTH))
        (distance,) = read_h5(path, ("dataset",))
        if distance.ndim != 2 or distance.dtype.kind != "f":
            raise UserError(f"{path}: is {distance.dtype} {distance.shape}, expected distances (H, W); copy it again")
        intrinsics = INTRINSICS if self.cameras is None else self.cameras[frame.scene]
        intrinsics = intrinsics_at(intrinsics, SIZE, distance.shape)
        depth = to_metres(distance.astype(np.float32), "distance", holes=("nan", "inf"), intrinsics=intrinsics)
        if self.image == "preview":
            image = read_image(self.root / frame.path(*PREVIEW))
        else:
            image = self.tone_mapped_image(frame, depth)
        return depth_sample(image, depth, intrinsics, frame.id, path)

    def tone_mapped_image(self, frame: HypersimFrame, depth: np.ndarray) -> np.ndarray:
        """The image uint8 (H, W, 3), RGB, of the frame's colours.

        What shows nothing does not count for the exposure: pixels without an entity, or, where the file of entities
        was not unpacked, without depth (H, W).
        """
        path, entities = (self.root / frame.path(*name) for name in (COLOUR, ENTITY))
        (colour,) = read_h5(path, ("dataset",))
        counted = read_h5(entities, ("dataset",))[0] != NO_ENTITY if is_file(entities) else depth > 0
        if colour.ndim != 3 or colour.shape[2] != 3 or counted.shape != colour.shape[:2]:
            raise UserError(
                f"{path}: colours are {colour.shape}, and entities or depth {counted.shape}, expected (H, W, 3) and "
                "(H, W); copy the files again"
            )
        return tone_map(colour, counted)
