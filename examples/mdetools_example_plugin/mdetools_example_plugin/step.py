import torch

from mdetools.contract import Targets
from mdetools.errors import UserError
from mdetools.registry import BATCH_STEPS


@BATCH_STEPS.register_module()
class ForgetDepth:
    """Drops valid pixels at random in training, as if the depth were sparser.

    Args:
        share: of the valid pixels that are dropped, 0..1.
    """

    def __init__(self, share: float = 0.5) -> None:
        if not 0 <= share <= 1:
            raise UserError(f"ForgetDepth: share is {share}, expected 0..1; change it")
        self.share = share

    def __call__(self, targets: Targets, training: bool) -> Targets:
        """Returns the batch with a sparser mask."""
        if not training or "valid_mask" not in targets:
            return targets
        kept = torch.rand(targets["valid_mask"].shape).to(targets["valid_mask"].device) >= self.share
        return {**targets, "valid_mask": targets["valid_mask"] & kept}
