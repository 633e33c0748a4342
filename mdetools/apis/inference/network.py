"""Batches through the model, and back to the host."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from mdetools.contract import QUANTITIES, Quantity, Sample, quantity_of
from mdetools.datasets.collation import collate_samples

__all__ = ["Network", "Precision", "Predicted", "Running"]

Precision = Literal["fp32", "bf16", "fp16"]
TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Predicted(NamedTuple):
    """What the network says of one picture: the quantity, and its values without axes of length one."""

    quantity: Quantity
    values: np.ndarray


class Running:
    """A batch whose computation may still go on, on a GPU.

    Args:
        values: of each picture, on the device.
        quantities: of each.
    """

    def __init__(self, values: Sequence[Tensor], quantities: Sequence[Quantity]) -> None:
        self.quantities, self.event = quantities, None
        self.host = list(values)
        if values and values[0].is_cuda:  # queued behind the batch's own work, and not behind that of the next batch
            self.host = [
                torch.empty(v.shape, dtype=v.dtype, pin_memory=True).copy_(v, non_blocking=True) for v in values
            ]
            self.event = torch.cuda.Event()
            self.event.record()

    def finish(self) -> list[Predicted]:
        """Waits for the values, which then are the caller's own."""
        if self.event is None:
            return [Predicted(q, v.numpy()) for q, v in zip(self.quantities, self.host, strict=True)]
        self.event.synchronize()
        return [Predicted(q, v.numpy().copy()) for q, v in zip(self.quantities, self.host, strict=True)]


class Network:
    """Runs a model on batches of samples, as tools/test.py does.

    Args:
        model: in eval mode, on its device.
        device: where it is.
        precision: fp32, or what autocast computes in.
    """

    def __init__(self, model: nn.Module, device: torch.device, precision: Precision = "fp32") -> None:
        self.model, self.device, self.precision = model, device, precision

    @torch.inference_mode()
    def start(self, samples: Sequence[Sample]) -> Running:
        """Begins with a batch.

        Args:
            samples: prepared pictures of one size.
        """
        data = self.model.data_preprocessor(collate_samples(samples))
        kind = TYPES.get(self.precision)
        with torch.autocast(self.device.type, kind, enabled=kind is not None):
            predictions = self.model(data["image"], data["targets"], mode="predict")
        quantities = [meant_by(prediction) for prediction in predictions]
        found = [values_of(prediction, quantity) for prediction, quantity in zip(predictions, quantities, strict=True)]
        return Running(found, quantities)


def meant_by(prediction: Mapping[str, Tensor]) -> Quantity:
    """What a result is: depth where there is one, derived from a disparity too, else what the model predicts."""
    return QUANTITIES["depth"] if "depth" in prediction else quantity_of(prediction)


def values_of(prediction: Mapping[str, Tensor], quantity: Quantity) -> Tensor:
    """(H, W) of one channel, the class of each pixel of classes, (K,) of scores, else (K, H, W)."""
    values = prediction[quantity.name]
    if quantity.picture == "classes":
        return values.argmax(0).int()
    return values[0] if values.ndim == 3 and len(values) == 1 else values
