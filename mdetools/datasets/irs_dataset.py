"""IRS (Wang et al., ICME 2021): rendered rooms as rectified pairs, with disparity."""

from pathlib import Path

import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.checks import check_pair
from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.rgbd.depth_kinds import to_metres
from mdetools.datasets.rgbd.frame_list import find_list, list_names, read_frame_list
from mdetools.datasets.rgbd.sizes import intrinsics_at
from mdetools.datasets.sample import depth_sample
from mdetools.errors import UserError
from mdetools.registry import DATASETS

__all__ = ["IRSDataset"]

SIZE = (540, 960)
INTRINSICS = np.array([[480.0, 0, 479.5], [0, 480, 269.5], [0, 0, 1]])  # the principal point is not published
BASELINE = 0.1  # metres
LISTS = (".list", ".txt", ".csv")  # endings
COLUMNS = ("image", "image_right", "disparity")


@DATASETS.register_module()
class IRSDataset(BaseDataset):
    """IRS by its repository's lists: lines `Home/<scene>/l_1.png Home/<scene>/r_1.png Home/<scene>/d_1.exr ...`.

    Disparity is in pixels of the left image; depth is 480 pixels x 0.1 m / disparity.

    Args:
        data_root: folder of `Home`, `Office`, `Restaurant` and `Store`.
        split: one of the lists, such as `irs_train` or `home_test`: a name in `data_root` or its folder `lists`,
            without `.list`, or a path.
        pipeline: configs of transforms, see `BaseDataset`.
        stereo: adds the right image and the baseline.

    Raises:
        UserError: if the list is missing or malformed, or names files that are not there.
    """

    def __init__(self, data_root: str, split: str = "irs_train", pipeline: Pipeline = (), stereo: bool = False) -> None:
        super().__init__(pipeline)
        root, self.stereo = Path(data_root), stereo
        path = find_list(split, root, LISTS, (".", "lists"))
        if path is None:
            name = list_names(split, LISTS)[0]
            raise UserError(
                f"no list {root / name}, nor {root / 'lists' / name}, expected one of IRS's repository; copy its "
                "folder lists there, or set --data-root and split"
            )
        self.frames = read_frame_list(path, root, COLUMNS)

    def __len__(self) -> int:
        return len(self.frames)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is damaged, or sizes differ.
        """
        frame = self.frames[index]
        left, right, path = frame.files
        if right is None or path is None:
            raise UserError(f"{frame.place}: names no right image or no disparity, expected both; fix the line")
        image, disparity = read_image(left), read_depth_file(path)
        intrinsics = intrinsics_at(INTRINSICS, SIZE, image.shape[:2])
        depth = to_metres(disparity, "disparity", intrinsics=intrinsics, baseline=BASELINE, path=str(path))
        sample = depth_sample(image, depth, intrinsics, frame.id, str(path))
        if self.stereo:
            sample["image_right"], sample["baseline"] = read_image(right), np.float32(BASELINE)
            check_pair(image, left, sample["image_right"], right)
        return sample
