"""A frozen network that writes the targets."""

from mdetools.models import FrozenNetwork
from mdetools.registry import BATCH_STEPS


@BATCH_STEPS.register_module()
class FrozenTeacher:
    """Writes a teacher's depth as target wherever the image is, in training."""

    def __init__(self, model, checkpoint):
        self.teacher = FrozenNetwork.from_config(model, checkpoint)

    def __call__(self, targets, training):
        if not training:
            return targets
        depth = self.teacher(targets["image"])["depth"]
        return {**targets, "depth": depth, "valid_mask": depth > 0}
