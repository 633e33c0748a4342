"""Mixup and CutMix of whole images with their labels, by timm."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from mdetools.contract import Targets, names_of
from mdetools.errors import UserError
from mdetools.registry import BATCH_STEPS

__all__ = ["Mixup"]

KEPT = ("label", "size", "unlabelled")  # of a whole image; the first is mixed, the others are true of a mixed one


@BATCH_STEPS.register_module()
class Mixup:
    """Mixes each image of a training batch with another one, and their labels in the same shares.

    Zhang et al., "mixup", ICLR 2018, and Yun et al., "CutMix", ICCV 2019, as `timm.data.Mixup` has them: an image and
    the one at the same place from the end. Channels that a step before has put behind the image are mixed with it.
    `label` becomes (B, K), the share of each class, as `CrossEntropyLoss` takes it. What holds for one image alone, its
    maps, points and camera, is dropped. Label smoothing is the loss's.

    Args:
        num_classes: K, as the head has it.
        alpha: of the Beta distribution that mixup's shares are drawn from; 0 for none.
        cutmix_alpha: likewise, of CutMix's areas; with both above 0, each batch is mixed in one of the two ways.
        prob: probability that a batch is mixed.

    Raises:
        UserError: if neither way is on.
    """

    def __init__(self, num_classes: int, alpha: float = 0.2, cutmix_alpha: float = 0.0, prob: float = 1.0) -> None:
        from timm.data import Mixup as TimmMixup

        if min(alpha, cutmix_alpha) < 0 or alpha == cutmix_alpha == 0:
            raise UserError(
                f"Mixup: alpha is {alpha} and cutmix_alpha {cutmix_alpha}, expected one above 0 and none below; set "
                "alpha=0.2, or leave the step out"
            )
        self.num_classes = num_classes
        self.mixup = TimmMixup(alpha, cutmix_alpha, prob=prob, label_smoothing=0.0, num_classes=num_classes)

    def __call__(self, targets: Targets, training: bool) -> Targets:
        """Returns the mixed batch; one that is not for training as it was.

        Raises:
            UserError: if the batch is odd, has no labels, or a label that is no class.
        """
        if not training:
            return targets
        self.check(targets)
        names = ["image", *names_of(targets, "channels")]
        planes = [targets[name].shape[1] for name in names]
        with seeded_numpy():
            mixed, label = self.mixup(torch.cat([targets[name] for name in names], 1), targets["label"])
        whole = [name for name in names_of(targets, "value", "text") if name in KEPT or name == "meta"]
        return {
            **{name: targets[name] for name in whole},
            **dict(zip(names, mixed.split(planes, 1), strict=True)),
            "label": label.float(),
        }

    def check(self, targets: Targets) -> None:
        """Checks that a batch can be mixed."""
        if "label" not in targets:
            raise UserError(
                f"Mixup needs `label`, and the batch has {', '.join(targets)}; take a data set of classes, or leave it "
                "out"
            )
        label = targets["label"]
        if len(label) % 2:
            raise UserError(
                f"Mixup got a batch of {len(label)} images, expected an even number; set an even batch_size and "
                "drop_last=True of the train_dataloader"
            )
        wrong = label[(label < 0) | (label >= self.num_classes)]
        if len(wrong):
            raise UserError(
                f"Mixup got the label {int(wrong[0])}, expected 0 to {self.num_classes - 1}; set its num_classes as "
                "the head's, and leave images without a label out"
            )


@contextmanager
def seeded_numpy() -> Iterator[None]:
    """NumPy's global generator, of which timm draws, seeded by torch's inside, and as it was afterwards."""
    state = np.random.get_state()
    np.random.seed(int(torch.randint(2**32, ())))
    try:
        yield
    finally:
        np.random.set_state(state)
