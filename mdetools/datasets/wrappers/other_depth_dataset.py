"""The control of experiments with depth: each image with the depth of another one."""

import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.transforms.geometric import resize_nearest
from mdetools.errors import UserError
from mdetools.registry import DATASETS

__all__ = ["OtherDepthDataset", "permutation_without_fixed_points"]

DEPTH = ("depth", "inverse_depth", "valid_mask", "sky")


def permutation_without_fixed_points(count: int, seed: int) -> np.ndarray:
    """A permutation of `range(count)` that leaves no place as it is, each of these equally likely.

    >>> permutation_without_fixed_points(5, seed=0).tolist()
    [2, 4, 3, 0, 1]

    Args:
        count: two or more.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    while True:  # about e times
        order = rng.permutation(count)
        if (order != np.arange(count)).all():
            return order


@DATASETS.register_module()
class OtherDepthDataset(BaseDataset):
    """A data set whose images have the depth of other ones, by a permutation without fixed points.

    What a network gains from depth as a further channel may come from the channel alone: more weights, noise that
    regularises. A network that is trained and evaluated on this has all of that, and no depth of what it sees.

    Args:
        dataset: config from DATASETS, of one whose samples have depth; its own pipeline is not used.
        seed: of the permutation.
        pipeline: configs of transforms, see `BaseDataset`.

    Attributes:
        order: whose depth each image has.

    Raises:
        UserError: if it has fewer than two samples.
    """

    def __init__(self, dataset: dict, seed: int = 0, pipeline: Pipeline = ()) -> None:
        super().__init__(pipeline)
        self.dataset = DATASETS.build(dataset)
        if len(self.dataset) < 2:
            raise UserError(
                f"OtherDepthDataset: the data set has {len(self.dataset)} samples, expected two or more, as each gets "
                "the depth of another one; take more"
            )
        self.order = permutation_without_fixed_points(len(self.dataset), seed)

    @property
    def metainfo(self) -> dict:
        """What MMEngine's loops tell a metric about the data set."""
        return getattr(self.dataset, "metainfo", {})

    def __len__(self) -> int:
        return len(self.dataset)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, with the other one's depth at its own size. See `BaseDataset.load`.

        Raises:
            UserError: if the data set gives no depth.
        """
        own, other = self.dataset.load(index), self.dataset.load(int(self.order[index]))
        given = [name for name in DEPTH if name in other]
        if not given:
            raise UserError(f"OtherDepthDataset: {type(self.dataset).__name__} gives no depth; set its depth folder")
        height, width = own["image"].shape[:2]
        kept = {name: value for name, value in own.items() if name not in DEPTH}
        return kept | {name: resize_nearest(other[name], height, width) for name in given}
