"""Predictors that see nothing of the image, fitted to each frame's own truth: what a relative model must beat.

An alignment tells a relative model two numbers of every frame's truth. A predictor that is told as much, and looks at
the pixel's place alone, shows how much of a score they already explain.
"""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from mdetools.contract import Sample
from mdetools.errors import UserError, suggest
from mdetools.evaluation.alignments import ALIGNMENTS
from mdetools.evaluation.measures import columns_of
from mdetools.evaluation.protocols import Protocol
from mdetools.evaluation.rows import Rows
from mdetools.evaluation.scoring import evaluate_image
from mdetools.geometry import invert

__all__ = [
    "FITTED_BASELINES",
    "best_constant",
    "best_plane",
    "best_row",
    "check_baselines",
    "fitted_baseline",
    "fitted_rows",
    "score_baseline",
]


def best_constant(inverse_depth: Tensor, mask: Tensor) -> Tensor:
    """The constant nearest to an inverse depth by least squares: its mean.

    Args:
        inverse_depth: (..., H, W), 1 / metres.
        mask: bool, the same shape, of the pixels to fit to.

    Returns:
        The same shape and dtype, of the whole map; 0 without any pixel to fit to.
    """
    return fit_linear(inverse_depth, mask, [])


def best_row(inverse_depth: Tensor, mask: Tensor) -> Tensor:
    """The linear function of the row index nearest to an inverse depth by least squares; see `best_constant`."""
    return fit_linear(inverse_depth, mask, [-2])


def best_plane(inverse_depth: Tensor, mask: Tensor) -> Tensor:
    """The linear function of row and column nearest to an inverse depth by least squares; see `best_constant`.

    A plane in space is such a function of the pixel, whatever the pinhole camera.
    """
    return fit_linear(inverse_depth, mask, [-2, -1])


FITTED_BASELINES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "constant": best_constant,
    "row": best_row,
    "plane": best_plane,
}


def fitted_baseline(name: str, depth: Tensor, valid_mask: Tensor, protocol: Protocol) -> dict[str, Tensor]:
    """What a baseline predicts for an image, fitted on the pixels that a protocol counts.

    Args:
        name: a key of `FITTED_BASELINES`.
        depth: ground truth (1, H, W), metres.
        valid_mask: bool (1, H, W).
        protocol: what counts.

    Returns:
        A prediction for `evaluate_image`: `inverse_depth`, or `depth` where the protocol compares that.
    """
    window, inside, counted = protocol.select(depth, valid_mask)
    mask = torch.zeros_like(valid_mask)
    mask[window] = counted
    fitted = FITTED_BASELINES[name](invert(depth, protocol.min_depth), mask)
    if ALIGNMENTS[protocol.alignment].inverse:
        return {"inverse_depth": fitted}
    return {"depth": invert(fitted, 1 / protocol.max_depth)}


def fitted_rows(
    samples: Iterable[Sample],
    protocol: Protocol,
    names: Sequence[str] = tuple(FITTED_BASELINES),
    measures: Sequence[str] = ("depth_errors",),
) -> dict[str, Rows]:
    """What the baselines score on each image.

    >>> protocol = get_protocol("nyu_lstsq_disparity")  # doctest: +SKIP
    >>> rows = fitted_rows((dataset[i] for i in range(len(dataset))), protocol)  # doctest: +SKIP
    >>> min(one.mean()["abs_rel"] for one in rows.values())  # doctest: +SKIP
    0.21

    Args:
        samples: each with `depth` (1, H, W) in metres, `valid_mask` (1, H, W) and `meta`; they are gone through once.
        protocol: what counts, and how.
        names: keys of `FITTED_BASELINES`.
        measures: keys of `MEASURES`.

    Raises:
        UserError: if there is no such baseline or measure, or a sample has no depth.
    """
    check_baselines(names)
    columns, ids = list(columns_of(measures)), []
    tables: dict[str, list] = {name: [] for name in names}
    for sample in samples:
        ids.append(sample["meta"]["id"])
        for name, table in tables.items():
            table.append(score_baseline(name, sample, protocol, measures).tolist())
    return {name: Rows.of_table(ids, columns, table) for name, table in tables.items()}


def check_baselines(names: Iterable[str]) -> None:
    """Checks names of baselines.

    Raises:
        UserError: at the first that is no key of `FITTED_BASELINES`.
    """
    for name in names:
        if name not in FITTED_BASELINES:
            raise UserError(f"there is no baseline '{name}'; {suggest(name, FITTED_BASELINES)}")


def score_baseline(
    name: str, sample: Sample, protocol: Protocol, measures: Sequence[str] = ("depth_errors",)
) -> Tensor:
    """A baseline's row of `evaluate_image`; see `fitted_rows`.

    Raises:
        UserError: if the sample has no depth.
    """
    if "depth" not in sample or "valid_mask" not in sample:
        raise UserError(
            f"the data set gives no depth to fit a baseline to (it gives {', '.join(sample)}); choose one that has "
            "ground truth"
        )
    depth, valid_mask = sample["depth"], sample["valid_mask"]
    prediction = fitted_baseline(name, depth, valid_mask, protocol)
    return evaluate_image(prediction, depth, valid_mask, protocol, measures)


def fit_linear(values: Tensor, mask: Tensor, axes: Sequence[int]) -> Tensor:
    """The linear function of the pixel's index along some axes that is nearest to `values` by least squares.

    Of several such functions, as of pixels that all lie in one row, it is the one of the smallest slope.

    Args:
        values: (..., H, W); all of it is one map.
        mask: bool, the same shape.
        axes: of the indices that the function may depend on.
    """
    places = [torch.linspace(-1, 1, values.shape[axis], device=values.device, dtype=torch.float64) for axis in axes]
    maps = [torch.ones_like(values, dtype=torch.float64)]
    for axis, place in zip(axes, places, strict=True):
        maps.append((place[:, None] if axis == -2 else place).expand(values.shape))
    rows = torch.stack([one[mask] for one in maps])
    wanted = values[mask].double()
    # Relative to the count, so that the cutoff of the pseudo-inverse is that of rounding.
    count = max(len(wanted), 1)
    factors = torch.linalg.pinv(rows @ rows.T / count, hermitian=True) @ (rows @ wanted / count)
    return sum(factor * one for factor, one in zip(factors, maps, strict=True)).to(values.dtype)
