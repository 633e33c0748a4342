"""Which numbers make sense for an argument, by its name: one table for mdetools', MMEngine's and torch's components."""

import math
from collections.abc import Iterator

from mdetools.errors import UserError

__all__ = ["check_ranges"]

INFINITY = math.inf
COUNT, ORDINAL, SHARE = (1, INFINITY), (0, INFINITY), (0, 1)
POSITIVE, NOT_NEGATIVE = (5e-324, INFINITY), (0, INFINITY)  # from the smallest number above 0
RANGES = {
    **dict.fromkeys(("batch_size", "prefetch_factor", "max_epochs", "max_iters", "val_interval", "val_begin"), COUNT),
    **dict.fromkeys(("interval", "interval_epochs", "interval_iters", "max_keep", "accumulative_counts"), COUNT),
    **dict.fromkeys(("size", "multiple_of", "features", "out_channels", "num_outputs", "scales", "times"), COUNT),
    **dict.fromkeys(("window_size", "stage", "count"), COUNT),
    **dict.fromkeys(("num_workers", "images", "overview", "frozen_blocks", "out_indices", "indices"), ORDINAL),
    **dict.fromkeys(("max_depth", "max_fraction", "max_step", "max_norm", "clip_value", "eps", "std"), POSITIVE),
    **dict.fromkeys(("power", "alpha", "aspect", "zoom", "factor", "stage_decay", "ratio"), POSITIVE),
    **dict.fromkeys(
        ("lr", "weight", "weight_decay", "min_depth", "decoder_lr_mult", "timeout", "warmup"), NOT_NEGATIVE
    ),
    **dict.fromkeys(("bias_lr_mult", "bias_decay_mult", "norm_decay_mult", "start_factor"), NOT_NEGATIVE),
    **dict.fromkeys(("prob", "lam", "drop_path_rate", "area", "begin_fraction"), SHARE),
    "momentum": (0, 1),
    "priority": (0, 100),
    "betas": (0, math.nextafter(1, 0)),
    "seed": (0, 2**32 - 1),
}


def check_ranges(path: str, node: dict) -> None:
    """Checks the numbers of one component or plain dict, those in lists too; what is no number is left alone.

    Args:
        path: dotted path in the config, for the error.
        node: its entries.

    Raises:
        UserError: at a number out of its argument's range, or a `min_depth` that is not below `max_depth`.
    """
    for key, value in node.items():
        if key not in RANGES:
            continue
        low, high = RANGES[key]
        for number in _numbers(value):
            if not (low <= number <= high and math.isfinite(number)):
                raise UserError(f"config: {path}.{key} is {value!r}, expected {_words(low, high)}; change it")
    low, high = node.get("min_depth"), node.get("max_depth")
    if isinstance(low, int | float) and isinstance(high, int | float) and low >= high:
        raise UserError(f"config: {path} has min_depth={low} and max_depth={high}; set min_depth below max_depth")


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _words(low: float, high: float) -> str:
    if high == math.nextafter(1, 0):
        return f"a number from {low} on, below 1"
    if high != INFINITY:
        return f"a number from {low} to {high}"
    return "a finite number above 0" if 0 < low < 1 else f"a finite number from {low} on"
