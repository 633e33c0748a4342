"""What a calibration tells: on the screen and as JSON."""

from dataclasses import asdict

from mdetools.apis.calibration.procedure import Outcome
from mdetools.evaluation import Rows, format_table
from mdetools.evaluation.rows import finite

__all__ = ["describe", "facts"]

TITLES = {"before": "before", "after": "after, on held-out folds", "constant": "constant, on held-out folds"}


def describe(outcome: Outcome) -> str:
    """The scores before and after, the gain and the fitted numbers, in a few lines; of a refusal what is known."""
    left_out = f", {outcome.left_out} without a valid pixel left out" if outcome.left_out else ""
    lines = [f"{outcome.protocol.describe()}; {len(outcome.frames)} frames{left_out}"]
    rows = {name: outcome.rows[name] for name in TITLES if name in outcome.rows}
    if rows:
        lines.append(format_table([_line(TITLES[name], one) for name, one in rows.items()]))
    if outcome.gain is not None:
        gain, low, high = outcome.gain
        lines.append(
            f"abs_rel after less that of '{TITLES[outcome.compared]}': {gain:+.4f}, 95 % interval "
            f"{low:+.4f}..{high:+.4f} (bootstrap over {len(outcome.frames)} frames)"
        )
    if outcome.fit is not None:
        lines.append(f"fitted on all frames: {outcome.fit}, x being the model's {_taken(outcome)}, d metres")
    return "\n".join(lines)


def facts(outcome: Outcome) -> dict:
    """All of it as plain data for a JSON file."""
    return {
        "kept": not outcome.refusal,
        "refusal": outcome.refusal or None,
        "fit": None if outcome.fit is None else asdict(outcome.fit) | {"formula": str(outcome.fit)},
        "protocol": {**asdict(outcome.protocol), "description": outcome.protocol.describe()},
        "frames": outcome.frames,
        "num_skipped": outcome.left_out,
        "scores": {name: _scores(rows) for name, rows in outcome.rows.items()},
        "compared_with": outcome.compared or None,
        "abs_rel_difference": dict(zip(("mean", "low", "high"), outcome.gain, strict=True)) if outcome.gain else None,
        "per_image": {name: rows.records() for name, rows in outcome.rows.items()},
    }


def _line(title: str, rows: Rows) -> dict[str, str | float]:
    low, high = rows.interval()["abs_rel"]
    return {"predictor": title, **rows.mean(), "abs_rel, 95 %": f"{low:.4f}..{high:.4f}"}


def _taken(outcome: Outcome) -> str:
    return "inverse depth" if outcome.fit.space == "inverse_depth" else "depth"


def _scores(rows: Rows) -> dict[str, dict]:
    """Mean and 95 % interval of each column."""
    ends = rows.interval()
    return {name: {"mean": finite(mean), "interval": [*map(finite, ends[name])]} for name, mean in rows.mean().items()}
