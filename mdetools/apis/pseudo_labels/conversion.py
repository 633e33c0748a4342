"""From what a teacher predicts to the inverse depth that a student learns."""

from collections.abc import Mapping

import torch
from torch import Tensor

from mdetools.contract import QUANTITIES, quantity_of
from mdetools.errors import UserError

__all__ = ["check_teacher", "inverse_depth_of"]


def check_teacher(name: str) -> None:
    """Checks that a quantity can become inverse depth.

    Raises:
        UserError: if it is no depth.
    """
    quantity = QUANTITIES[name]
    if not quantity.is_inverse and name != "depth":
        takes = ", ".join(known for known, one in QUANTITIES.items() if one.is_inverse or known == "depth")
        raise UserError(
            f"the model predicts '{name}', which is no depth; expected one that predicts one of {takes}: "
            "name the config and checkpoint of such a model"
        )


def inverse_depth_of(prediction: Mapping[str, Tensor]) -> Tensor:
    """The inverse depth, of unknown scale and shift, that a prediction of any kind of depth means.

    Disparity and relative inverse depth are it already; metres become 1 / depth, after whatever averaging.

    >>> inverse_depth_of({"depth": torch.tensor([[[2.0, 4.0]]])})
    tensor([[[0.5000, 0.2500]]])

    Args:
        prediction: holds one quantity of `QUANTITIES`, (1, H, W) or (B, 1, H, W).

    Returns:
        Of the same shape, float32, larger towards the camera.

    Raises:
        UserError: if it holds no depth.
    """
    name = quantity_of(prediction).name
    check_teacher(name)
    values = prediction[name].float()
    return values if QUANTITIES[name].is_inverse else 1 / values.clamp(min=torch.finfo(torch.float32).tiny)
