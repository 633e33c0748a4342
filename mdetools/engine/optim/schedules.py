"""Learning rates over a run, in closed form.

MMEngine's `LinearLR` stays at its start factor for ever if the warm-up is one iteration long, and fails if it is none;
its `PolyLR` is already 0 at the last iteration. Both happen on small data sets.
"""

import math

from mmengine.optim.scheduler.param_scheduler import _ParamScheduler

from mdetools.registry import PARAM_SCHEDULERS

__all__ = [
    "InversePowerLR",
    "PolynomialLR",
    "WarmupCosineLR",
    "cosine_factor",
    "inverse_power_factor",
    "polynomial_factor",
]


def cosine_factor(step: int, total: int, warmup: int, start: float) -> float:
    """Linear from `start` to 1 over `warmup` steps, then half a cosine down to 0.

    >>> [round(cosine_factor(step, total=8, warmup=2, start=0.5), 3) for step in (0, 1, 2, 5, 8)]
    [0.5, 0.75, 1.0, 0.5, 0.0]

    Args:
        step: number of finished iterations.
        total: iterations of the run.
        warmup: of them, those of the ramp; may be 0.
        start: the factor at step 0 of a ramp.
    """
    if step < warmup:
        return start + (1 - start) * step / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def polynomial_factor(step: int, total: int, power: float) -> float:
    """`(1 - step / total) ** power`: Chen et al., "DeepLab", 2017, and Depth Anything V2's metric fine-tune."""
    return (1 - step / total) ** power


def inverse_power_factor(epoch: int, alpha: float) -> float:
    """`(1 + alpha * n) ** -(n - 1)` in the n-th epoch, counted from 1: Garg et al., ECCV 2016.

    With their alpha of 5e-4 the factor is 0.30 in epoch 50 and 0.008 in epoch 100.

    Args:
        epoch: number of finished epochs, n - 1.
        alpha: how fast it falls.
    """
    return (1 + alpha * (epoch + 1)) ** -epoch


@PARAM_SCHEDULERS.register_module()
class WarmupCosineLR(_ParamScheduler):
    """Sets each group's learning rate to its own times `cosine_factor`.

    Args:
        optimizer: the optimiser or its wrapper.
        end: length of the run, in iterations or epochs as `by_epoch` says; the Runner fills it in.
        warmup: length of the ramp, likewise; with `convert_to_iter_based=True` it may be a part of an epoch.
        start_factor: where the ramp begins.
        by_epoch: whether a step is an epoch.
    """

    def __init__(self, optimizer, end: int, warmup: float, start_factor: float = 1e-3, by_epoch: bool = True) -> None:
        self.warmup = warmup
        self.start_factor = start_factor
        super().__init__(optimizer, "lr", end=end, by_epoch=by_epoch)

    @classmethod
    def build_iter_from_epoch(
        cls, optimizer, end: int, epoch_length: int, warmup: float, start_factor: float = 1e-3, by_epoch: bool = True
    ) -> "WarmupCosineLR":
        """Builds it from lengths in epochs, to be stepped every iteration."""
        return cls(optimizer, end * epoch_length, int(warmup * epoch_length), start_factor, by_epoch=False)

    def _get_value(self) -> list[float]:
        factor = cosine_factor(self.last_step, self.end, self.warmup, self.start_factor)
        return [value * factor for value in self.base_values]


@PARAM_SCHEDULERS.register_module()
class PolynomialLR(_ParamScheduler):
    """Sets each group's learning rate to its own times `polynomial_factor`.

    Args:
        optimizer: the optimiser or its wrapper.
        end: length of the run, in iterations or epochs as `by_epoch` says; the Runner fills it in.
        power: the exponent.
        by_epoch: whether a step is an epoch.
    """

    def __init__(self, optimizer, end: int, power: float = 0.9, by_epoch: bool = True) -> None:
        self.power = power
        super().__init__(optimizer, "lr", end=end, by_epoch=by_epoch)

    @classmethod
    def build_iter_from_epoch(
        cls, optimizer, end: int, epoch_length: int, power: float = 0.9, by_epoch: bool = True
    ) -> "PolynomialLR":
        """Builds it from lengths in epochs, to be stepped every iteration."""
        return cls(optimizer, end * epoch_length, power, by_epoch=False)

    def _get_value(self) -> list[float]:
        return [value * polynomial_factor(self.last_step, self.end, self.power) for value in self.base_values]


@PARAM_SCHEDULERS.register_module()
class InversePowerLR(_ParamScheduler):
    """Sets each group's learning rate to its own times `inverse_power_factor`, once per epoch.

    Args:
        optimizer: the optimiser or its wrapper.
        alpha: see `inverse_power_factor`.
        end: length of the run in epochs; the Runner fills it in.
        by_epoch: True; here because MMEngine passes it.
    """

    def __init__(self, optimizer, alpha: float = 5e-4, end: int = 100, by_epoch: bool = True) -> None:
        self.alpha = alpha
        super().__init__(optimizer, "lr", end=end, by_epoch=by_epoch)

    def _get_value(self) -> list[float]:
        return [value * inverse_power_factor(self.last_step, self.alpha) for value in self.base_values]
