"""Ground truth of relative models from that of metric ones."""

import numpy as np

from mdetools.registry import TRANSFORMS

__all__ = ["InverseDepth"]


@TRANSFORMS.register_module()
class InverseDepth:
    """Replaces `depth` by `inverse_depth`, in 1 / metres, so that sets of different kinds make one batch.

    The sky is infinitely far and so known: where `sky` is True, `inverse_depth` becomes 0 and valid, as Depth Anything
    trains it (Yang et al., CVPR 2024, section 3.1). A sample that has `inverse_depth` already, such as disparities
    without a camera, relative maps or pseudo-labels, keeps it, and one without ground truth passes as it is. After
    `DepthRange`, which takes the far depths away and leaves the sky.

    >>> sample = {"depth": np.array([[2.0, 0.0, 0.0]], np.float32), "valid_mask": np.array([[True, False, False]])}
    >>> sample |= {"image": np.zeros((1, 3, 3), np.uint8), "sky": np.array([[False, False, True]]), "meta": {}}
    >>> sample = InverseDepth()(sample, np.random.default_rng(0))
    >>> sample["inverse_depth"].tolist(), sample["valid_mask"].tolist(), "depth" in sample
    ([[0.5, 0.0, 0.0]], [[True, False, True]], False)
    """

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the sample without `depth`, and with `inverse_depth` if it had one of the two."""
        changed = {name: value for name, value in sample.items() if name != "depth"}
        if "depth" not in sample or "inverse_depth" in sample:
            return changed
        depth = sample["depth"]
        valid = sample["valid_mask"] & (depth >= np.finfo(depth.dtype).tiny)  # below, float32 does not hold the inverse
        inverse = np.divide(np.float32(1), depth, out=np.zeros_like(depth), where=valid)
        if "sky" in sample:
            valid = valid | sample["sky"]
        return changed | {"inverse_depth": inverse, "valid_mask": valid}
