"""From what a teacher predicts to the inverse depth that a student learns."""

from collections.abc import Mapping

from torch import Tensor

from mdetools.contract import QUANTITIES, quantity_of
from mdetools.errors import UserError

__all__ = ["inverse_depth_of"]


def inverse_depth_of(prediction: Mapping[str, Tensor]) -> Tensor:
    """The inverse depth, of unknown scale and shift, that a prediction of any kind of depth means.

    Disparity and relative inverse depth are it already; metres become 1 / depth, after whatever averaging.

    >>> import torch
    >>> inverse_depth_of({"depth": torch.tensor([[[2.0, 4.0]]])})
    tensor([[[0.5000, 0.2500]]])

    Args:
        prediction: holds one quantity of `QUANTITIES`, (1, H, W) or (B, 1, H, W).

    Returns:
        Of the same shape, float32, larger towards the camera.

    Raises:
        UserError: if it holds no depth.
    """
    quantity = quantity_of(prediction)
    if quantity.to_inverse is None:
        takes = ", ".join(name for name, one in QUANTITIES.items() if one.to_inverse is not None)
        raise UserError(
            f"the model predicts '{quantity.name}', which is no depth; expected one of {takes}: name the config and "
            "checkpoint of such a model"
        )
    return quantity.to_inverse(prediction[quantity.name].float())
