"""From labelled frames to a calibration that is kept only if it is better on frames that it was not fitted on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from mdetools.apis.calibration.fitting import Fit, Pixels, UnfitError, blocks, fit_space, pixels_of, score
from mdetools.apis.calibration.frames import Frame
from mdetools.evaluation import Protocol, Rows, bootstrap_interval, columns_of
from mdetools.geometry import SPACES

__all__ = ["Outcome", "calibrate"]

FOLDS = FEWEST = 5
WORTH = 0.99  # of the error before: what is less of a gain is not worth a change
COLUMNS = tuple(columns_of(["depth_errors"]))
BEFORE, AFTER, CONSTANT = "before", "after", "constant"


@dataclass(frozen=True)
class Outcome:
    """What became of a calibration.

    Attributes:
        protocol: by which everything is scored.
        frames: names of those that were used, in their order.
        left_out: how many frames have no pixel that counts.
        refusal: why nothing was kept; empty if `fit` was.
        fit: of all frames; None if there is none.
        rows: scores on the frames, by predictor: `before` (of a metric model), `after` and `constant`, the two latter
            fitted on the other folds.
        compared: the predictor that has to be beaten, `before` or `constant`.
        gain: mean over frames of the abs_rel after, less that of `compared`, and its 95 % interval.
    """

    protocol: Protocol
    frames: list[str]
    left_out: int
    refusal: str = ""
    fit: Fit | None = None
    rows: dict[str, Rows] = field(default_factory=dict)
    compared: str = ""
    gain: tuple[float, float, float] | None = None


def calibrate(frames: Sequence[Frame], quantity: str, protocol: Protocol) -> Outcome:
    """Fits each space that takes the quantity, and keeps the best one on held-out folds if it helps.

    It helps if the mean abs_rel is lower than before, or for a relative model than that of the median depth everywhere,
    by more than the 95 % bootstrap interval of the difference reaches and at least by 1 %, and lower than that of the
    constant in any case.

    Args:
        frames: in the data set's order.
        quantity: what the model predicts, a key of `QUANTITIES`.
        protocol: without an alignment.
    """
    pixels = pixels_of(frames, quantity, protocol)
    used = [index for index, (values, _) in enumerate(pixels) if len(values)]
    names, left_out = [frames[index].name for index in used], len(frames) - len(used)
    if len(used) < FEWEST:
        what = "no valid pixels" if not used else f"too few frames, {len(used)} with valid pixels"
        caps = f"{protocol.min_depth:g}..{protocol.max_depth:g} m"
        return Outcome(
            protocol,
            names,
            left_out,
            f"{what}: of {len(frames)} frames, {left_out} have no valid pixel in {caps}; {FEWEST} frames are needed",
        )
    chosen, kept = [frames[index] for index in used], [pixels[index] for index in used]
    rows = {CONSTANT: held_out(chosen, kept, protocol, constant)}
    if quantity == "depth":
        table = [score(frame, frame.values, protocol) for frame in chosen]
        rows = {BEFORE: Rows.of_table(names, COLUMNS, table), **rows}
    try:
        fit, rows[AFTER] = best_space(chosen, kept, quantity, protocol)
    except UnfitError as reason:
        return Outcome(protocol, names, left_out, str(reason), None, rows)
    return judged(Outcome(protocol, names, left_out, "", fit, rows))


def held_out(frames: Sequence[Frame], pixels: Sequence[Pixels], protocol: Protocol, learn: Callable) -> Rows:
    """Scores of each frame by what was learnt from the other folds.

    Args:
        frames: N frames.
        pixels: theirs.
        protocol: of the scores.
        learn: from the pixels of some frames to a function from a map to metres.
    """
    table = []
    for fold in blocks(len(frames), FOLDS):
        others = [one for index, one in enumerate(pixels) if index not in fold]
        to_depth = learn(others)
        table += [score(frames[index], to_depth(frames[index].values), protocol) for index in fold]
    return Rows.of_table([frame.name for frame in frames], COLUMNS, table)


def constant(pixels: Sequence[Pixels]) -> Callable:
    """The median depth, whatever the map."""
    median = float(np.median(np.concatenate([depth for _, depth in pixels])))
    return lambda values: values.new_full(values.shape, median)


def fitted(space: str, protocol: Protocol, pixels: Sequence[Pixels]) -> Callable:
    """What `fit_space` makes of a map."""
    return fit_space(space, pixels, protocol).depth


def best_space(
    frames: Sequence[Frame], pixels: Sequence[Pixels], quantity: str, protocol: Protocol
) -> tuple[Fit, Rows]:
    """The fit, on all frames, of the space with the lowest abs_rel on held-out folds, and these scores.

    Raises:
        UnfitError: if no space can be fitted.
    """
    found, reasons = [], []
    for space in (name for name, one in SPACES.items() if one.takes == quantity):
        try:
            rows = held_out(frames, pixels, protocol, partial(fitted, space, protocol))
            found.append((rows.mean()["abs_rel"], fit_space(space, pixels, protocol), rows))
        except UnfitError as reason:
            reasons.append(reason)
    if not found:
        raise reasons[0]
    _, fit, rows = min(found, key=lambda one: one[0])
    return fit, rows


def judged(outcome: Outcome) -> Outcome:
    """The outcome with what the calibration gains, and a refusal if that is nothing."""
    rows, compared = outcome.rows, BEFORE if BEFORE in outcome.rows else CONSTANT
    column = COLUMNS.index("abs_rel")
    gains = rows[AFTER].values[:, column] - rows[compared].values[:, column]
    low, high = map(float, bootstrap_interval(gains))
    error = {name: one.mean()["abs_rel"] for name, one in rows.items()}
    refusal = ""
    if not (high < 0 and error[AFTER] <= WORTH * error[compared]):
        unsure = error[AFTER] <= WORTH * error[compared]
        refusal = (
            f"{'perhaps better, but not surely,' if unsure else 'not better'} on held-out folds: abs_rel "
            f"{error[AFTER]:.4f}, and {error[compared]:.4f} {words(compared)}; the 95 % interval of the difference is "
            f"{low:+.4f}..{high:+.4f}{'; take more frames, see --frames' if unsure else ''}"
        )
    elif not error[AFTER] < error[CONSTANT]:
        refusal = (
            f"no better than a constant on held-out folds: abs_rel {error[AFTER]:.4f}, and {error[CONSTANT]:.4f} "
            f"{words(CONSTANT)}"
        )
    return replace(outcome, refusal=refusal, compared=compared, gain=(float(gains.mean()), low, high))


def words(predictor: str) -> str:
    """What a predictor is, in a sentence."""
    return "before" if predictor == BEFORE else "with the median depth everywhere"
