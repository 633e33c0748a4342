"""Which depths count."""

import numpy as np

from mdetools.registry import TRANSFORMS

__all__ = ["DepthRange", "keep_depth"]


def keep_depth(sample: dict, counted: np.ndarray) -> dict:
    """The sample with depth that is valid where `counted`, bool (H, W), says so alone; one without depth as it is."""
    if "depth" not in sample:
        return sample
    valid_mask = sample["valid_mask"] & counted
    return {**sample, "valid_mask": valid_mask, "depth": sample["depth"] * valid_mask}


@TRANSFORMS.register_module()
class DepthRange:
    """Narrows `valid_mask` to `min_depth <= depth <= max_depth`, and sets the depth outside to 0.

    A sample without depth passes as it is; `sky` stays, which has none and is beyond any range.

    Args:
        min_depth: metres.
        max_depth: metres.
    """

    def __init__(self, min_depth: float, max_depth: float) -> None:
        self.min_depth = min_depth
        self.max_depth = max_depth

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the sample with a narrower `valid_mask`, and the depth to it."""
        if "depth" not in sample:
            return sample
        depth = sample["depth"]
        return keep_depth(sample, (depth >= self.min_depth) & (depth <= self.max_depth))
