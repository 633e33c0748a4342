"""Which runs are of one variant, and differ by their seed alone."""

import re
import warnings
from collections.abc import Sequence

from mdetools.apis.run_comparison.run import Run
from mdetools.engine.checkpoints.differences import differences
from mdetools.errors import UserError, one_line, suggest

__all__ = ["group_runs"]

SEED = "randomness.seed"
SEED_IN_NAME = re.compile(r"(?:^|[-_.](?:seed|run|s)?[-_.=]?|(?:seed|run)[-_.=]?)(\d+)$", re.IGNORECASE)
NAME_IT = "name its variant, as in rgb={folder}"

Variants = dict[str, dict[int, Run]]


def group_runs(runs: Sequence[Run], by: str = "config") -> Variants:
    """Sorts runs by variant and seed.

    Args:
        runs: those that have a name are of the variant of that name.
        by: what tells the variant of the others: `config`, the name of the config; `folder`, the name of the work dir
            without the seed at its end; or a dotted path in the config, such as `model.backbone.channels`.

    Returns:
        For each variant, in the order given, its runs by seed, lowest first. A warning tells of runs of one variant
        whose trainings differ in more than the seed.

    Raises:
        UserError: if a run's variant or seed is not known, or two runs have the same.
    """
    variants: Variants = {}
    for run in runs:
        name, seed = run.name or variant_of(run, by), seed_of(run)
        same = variants.setdefault(name, {})
        if seed in same:
            raise UserError(
                f"{same[seed].folder} and {run.folder} are both of variant '{one_line(name, 80)}' with seed {seed}, "
                "expected one run of each; leave one out, tell them apart by --by, or name their variants, NAME=DIR"
            )
        same[seed] = run
    for name, same in variants.items():
        warn_of_differences(name, [*same.values()])
    return {name: dict(sorted(same.items())) for name, same in variants.items()}


def variant_of(run: Run, by: str) -> str:
    """The name of a run's variant."""
    if by == "folder":
        path = run.folder.resolve()
        return SEED_IN_NAME.sub("", path.name) or path.parent.name
    if run.config is None:
        raise UserError(
            f"{run.folder}: holds no config, or several, by which to tell its variant; use --by folder, or "
            f"{NAME_IT.format(folder=run.folder)}"
        )
    if by == "config":
        return run.config_name
    return one_line(entry_of(run, by), 80)


def entry_of(run: Run, path: str) -> object:
    """The entry at a dotted path of a run's config."""
    node: object = run.config
    for part in path.split("."):
        if isinstance(node, list | tuple) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        elif isinstance(node, dict) and part in node:
            node = node[part]
        else:
            known = [*node] if isinstance(node, dict) else []
            hint = suggest(part, ["config", "folder", *known], "choose an entry that there is")
            raise UserError(f"--by {one_line(path, 100)}: the config of {run.folder} has no '{part}' there; {hint}")
    return node


def seed_of(run: Run) -> int:
    """The seed of a run's config, or else the number at the end of its folder's name."""
    randomness = (run.config or {}).get("randomness")
    seed = randomness.get("seed") if isinstance(randomness, dict) else None
    if isinstance(seed, int):
        return seed
    number = SEED_IN_NAME.search(run.folder.resolve().name)
    if number is None:
        raise UserError(
            f"{run.folder}: neither its config ({SEED}) nor the end of its name tells its seed, expected one, as in "
            f"{run.folder.name}_seed0; rename it"
        )
    return int(number[1])


def warn_of_differences(name: str, runs: Sequence[Run]) -> None:
    """Warns if runs of one variant were trained in different ways."""
    for run in runs[1:]:
        if run.config is None or runs[0].config is None:
            continue
        found = [one for one in differences(runs[0].config, run.config) if not one.lies_at(SEED)]
        if found:
            warnings.warn(
                f"the runs of '{one_line(name, 80)}' differ in more than the seed: {runs[0].folder} has {found[0]} in "
                f"{run.folder}",
                stacklevel=3,
            )
            return
