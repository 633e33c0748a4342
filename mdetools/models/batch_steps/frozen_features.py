"""Features of a frozen encoder, for a student that is to keep them."""

from functools import cached_property

import torch
from torch import Tensor, nn

from mdetools.contract import FIELDS, Targets
from mdetools.errors import UserError, suggest
from mdetools.models.batch_steps.parts import UNLABELLED, check_part, chosen_samples, clean_or_image
from mdetools.models.frozen_network import FrozenNetwork
from mdetools.models.model_config import without_training
from mdetools.registry import BACKBONES, BATCH_STEPS, MODELS
from mdetools.weights.loading import load_encoder

__all__ = ["Encoder", "FrozenFeatures"]

VIEWS = ("image", "image_clean")


class Encoder(nn.Module):
    """A backbone alone, with the normalisation of its images.

    Args:
        backbone: config from BACKBONES.
        data_preprocessor: config of the normalisation; ImageNet's if it says none.
    """

    def __init__(self, backbone: dict, data_preprocessor: dict | None = None) -> None:
        super().__init__()
        self.data_preprocessor = MODELS.build({"type": "DataPreprocessor", **(data_preprocessor or {})})
        self.backbone = BACKBONES.build(backbone)

    def forward(self, image: Tensor, mode: str = "tensor") -> dict[str, list[Tensor]]:
        """The maps of normalised images (B, 3, H, W), as `features`."""
        return {"features": self.backbone(image)}


@BATCH_STEPS.register_module()
class FrozenFeatures:
    """Writes the last map of a frozen encoder as `features` (B, C, h, w), for `FeatureAlignmentLoss`.

    Depth Anything (Yang et al., CVPR 2024, section 3.3) keeps its student near the DINOv2 that it started from, on the
    images that the student sees: put the step after `CutMix`. Samples that it is not for have NaN there, and cost
    nothing. As in `PseudoLabels`, the network is read at the first training batch, is in no checkpoint, and runs under
    the autocast of the training.

    Args:
        backbone: config from BACKBONES, of the student's architecture.
        checkpoint: its weights: those of DINOv2 or any other known format, of which the encoder alone is read.
        on: "unlabelled", as Depth Anything; None takes all samples.
        view: "image", what the student sees, or "image_clean", which is `image` for samples without a clean view.
        data_preprocessor: config of the normalisation of its images; ImageNet's if it says none.
        weights_as_is: load the checkpoint even if it says that it was made for another encoder, with a warning.

    Raises:
        UserError: if there is no such part of a batch, or no such view.
    """

    def __init__(
        self,
        backbone: dict,
        checkpoint: str | None = None,
        on: str | None = UNLABELLED,
        view: str = "image",
        data_preprocessor: dict | None = None,
        weights_as_is: bool = False,
    ) -> None:
        if view not in VIEWS:
            raise UserError(f"FrozenFeatures has no view '{view}'; {suggest(view, VIEWS)}")
        self.backbone, self.checkpoint, self.view = backbone, checkpoint, view
        self.data_preprocessor, self.weights_as_is = data_preprocessor, weights_as_is
        self.on = check_part(on, type(self).__name__)

    @cached_property
    def network(self) -> FrozenNetwork:
        """The encoder.

        Raises:
            UserError: if there are no weights, or they do not fit.
        """
        if self.checkpoint is None:
            raise UserError("FrozenFeatures has no weights of its encoder, expected a file; set the step's checkpoint")
        config = without_training({"backbone": self.backbone, "data_preprocessor": self.data_preprocessor})
        with torch.random.fork_rng(devices=[]):  # the training goes on as it would without
            module = Encoder(**config)
        load_encoder(module, self.checkpoint, self.weights_as_is)
        return FrozenNetwork(module)

    def __call__(self, targets: Targets, training: bool) -> Targets:
        """Returns the batch with `features`; one that is not for training as it was.

        Raises:
            UserError: if the batch lacks the view, or does not say which samples are unlabelled, or the encoder is of
                no use.
        """
        if not training:
            return targets
        if self.view not in targets:
            raise UserError(
                f"FrozenFeatures looks at '{self.view}', and the batch has none; add dict(type='CleanView') to the "
                "pipelines, or set view='image'"
            )
        image = targets["image"] if self.view == "image" else clean_or_image(targets)
        chosen = chosen_samples(targets, self.on, type(self).__name__)
        if self.on is None:
            return {**targets, "features": self.network(image)["features"][-1].float()}
        places = chosen.nonzero()[:, 0]  # the one time that the host waits for the device
        if not len(places):  # the encoder alone knows the size
            places = places.new_zeros(1)
            found = torch.full_like(self.network(image[places])["features"][-1].float(), FIELDS["features"].hole)
        else:
            found = self.network(image[places])["features"][-1].float()
        features = found.new_full((len(image), *found.shape[1:]), FIELDS["features"].hole)
        return {**targets, "features": features.index_copy(0, places, found)}
