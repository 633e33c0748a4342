"""Labels that a frozen teacher makes while its student trains."""

from functools import cached_property

from torch import Tensor

from mdetools.contract import FIELDS, Targets, inverse_depth_of, quantity_of
from mdetools.errors import UserError
from mdetools.models.batch_steps.parts import UNLABELLED, chosen_samples, clean_or_image
from mdetools.models.frozen_network import FrozenNetwork
from mdetools.models.postprocess.flip_averaging import merge_flipped
from mdetools.registry import BATCH_STEPS

__all__ = ["PseudoLabels", "predict_inverse_depth"]

WRITTEN = ("inverse_depth", "valid_mask")


def predict_inverse_depth(network: FrozenNetwork, image: Tensor, merge: str | None = None) -> Tensor:
    """A network's inverse depth, of unknown scale and shift, at the image's size.

    Args:
        network: that predicts any quantity of depth.
        image: (B, 3, H, W) in [0, 1].
        merge: how to average with the mirrored image's prediction, see `merge_flipped`; None does not.

    Returns:
        (B, 1, H, W), float32, larger where nearer.

    Raises:
        UserError: if it predicts something else than depth.
    """
    prediction = network(image)
    if merge is not None:
        prediction = merge_flipped(prediction, network(image.flip(-1)), merge)
    quantity = quantity_of(prediction)
    values = quantity.resize(prediction[quantity.name].float(), tuple(image.shape[-2:]))
    return inverse_depth_of({quantity.name: values})


@BATCH_STEPS.register_module()
class PseudoLabels:
    """Writes a teacher's `inverse_depth` and `valid_mask` for the unlabelled samples of a training batch.

    The teacher sees `image_clean`, the crop without perturbations, or `image` where there is none. So the step comes
    before `CutMix`, which cuts the labels as it cuts the images. Labelled samples keep theirs; they have been through
    `InverseDepth`. Its pixels that are not finite are holes.

    The teacher is built and read at the first training batch: whoever tests a student needs no teacher. It is held in a
    `FrozenNetwork`, and so is in no checkpoint, and runs under the autocast of the training.

    Args:
        model: config of the teacher, from MODELS: any that predicts depth.
        checkpoint: its weights, of any known format.
        flip: average with the mirrored image's prediction, by the teacher's own `flip_test` if it has one, else by the
            mean, at twice the time.
        weights_as_is: load the checkpoint even if it says that it was made for another model, with a warning.
    """

    def __init__(
        self, model: dict, checkpoint: str | None = None, flip: bool = True, weights_as_is: bool = False
    ) -> None:
        self.model, self.checkpoint, self.weights_as_is = model, checkpoint, weights_as_is
        self.merge = (model.get("flip_test") or "mean") if flip else None

    @cached_property
    def teacher(self) -> FrozenNetwork:
        """The network.

        Raises:
            UserError: if there are no weights, or they do not fit.
        """
        if self.checkpoint is None:
            raise UserError("PseudoLabels has no weights of its teacher, expected a file; set the step's checkpoint")
        return FrozenNetwork.from_config(self.model, self.checkpoint, self.weights_as_is)

    def __call__(self, targets: Targets, training: bool) -> Targets:
        """Returns the batch with labels; one that is not for training as it was.

        Raises:
            UserError: if the batch does not say which samples are unlabelled, or its labelled ones have depth in metres
                or maps of another size, or the teacher is of no use.
        """
        if not training:
            return targets
        chosen = chosen_samples(targets, UNLABELLED, type(self).__name__)
        if "depth" in targets:
            raise UserError(
                "PseudoLabels writes inverse_depth, and the batch has depth in metres; add dict(type='InverseDepth') "
                "to the pipelines of the labelled data sets, before PackSample"
            )
        image = clean_or_image(targets)
        holes = {name: image.new_full((len(image), 1, *image.shape[-2:]), FIELDS[name].hole) for name in WRITTEN}
        written = {name: targets.get(name, holes[name].to(FIELDS[name].dtype)) for name in WRITTEN}
        check_sizes(written, image)
        places = chosen.nonzero()[:, 0]  # the one time that the host waits for the device
        if len(places):
            labels = predict_inverse_depth(self.teacher, image[places], self.merge)
            known = labels.isfinite()
            found = {"inverse_depth": labels.where(known, 0), "valid_mask": known}
            written = {name: values.index_copy(0, places, found[name]) for name, values in written.items()}
        return {**targets, **written}


def check_sizes(maps: dict[str, Tensor], image: Tensor) -> None:
    """Checks that maps (B, 1, h, w) have the image's size.

    Raises:
        UserError: if they have not.
    """
    for name, values in maps.items():
        if values.shape[-2:] != image.shape[-2:]:
            sizes = ["x".join(map(str, one.shape[-2:])) for one in (values, image)]
            raise UserError(
                f"PseudoLabels: '{name}' of the labelled samples is {sizes[0]} and the image {sizes[1]}; set "
                "resize_depth=True in the pipeline's Resize"
            )
