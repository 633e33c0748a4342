"""A data set to evaluate on, by the name of a config that comes with mdetools or by a config of one's own."""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mmengine.config import Config

from mdetools.apis.evaluation.naming import check_labels, nearest
from mdetools.apis.evaluation.origin import Source, sources_of
from mdetools.apis.evaluation.preprocessing import with_resize
from mdetools.engine.configs.data_roots import set_data_root
from mdetools.engine.configs.evaluators import metrics_of
from mdetools.engine.configs.finding import CONFIG_ENDINGS
from mdetools.engine.configs.loading import load_config
from mdetools.engine.configs.option_values import expand_home, named_root
from mdetools.engine.configs.packaged import OWN_CONFIGS
from mdetools.engine.configs.required_entries import require_entries
from mdetools.errors import UserError, one_line
from mdetools.registry import DATASETS

__all__ = ["EvaluationSet", "known_sets", "load_sets"]

ALIASES = {"kitti": "kitti_depth"}
Roots = Iterable[tuple[str | None, str]]


@dataclass(frozen=True)
class EvaluationSet:
    """A data set, how it is loaded, and what is measured on it.

    Attributes:
        label: what it is called in the results.
        config: path of its config.
        loader: its `test_dataloader`.
        metrics: the configs of the metrics of its `test_evaluator`.
        sources: the data sets that it is made of.
        length: of its samples.
        ground_truth: which one it is, where the data set has several.
        indices: those that are evaluated; None for all.
    """

    label: str
    config: str
    loader: dict
    metrics: list[dict]
    sources: list[Source]
    length: int
    ground_truth: str | None = None
    indices: list[int] | None = None

    @property
    def count(self) -> int:
        """Of the images that are evaluated."""
        return self.length if self.indices is None else len(self.indices)

    def dataset(self, resize: dict | None) -> dict:
        """The data set's config, with a model's `Resize`; None leaves the images at their size."""
        whole = with_resize(self.loader["dataset"], resize)
        return whole if self.indices is None else {"type": "SubsetDataset", "dataset": whole, "indices": self.indices}

    def dataloader(self, resize: dict, batch_size: int | None = None, workers: int | None = None) -> dict:
        """The loader's config for a model."""
        given = {"batch_size": batch_size, "num_workers": workers}
        options = {name: value for name, value in given.items() if value is not None}
        return copy.deepcopy({**self.loader, "dataset": self.dataset(resize), **options})


def known_sets() -> dict[str, str]:
    """The paths of the data sets' configs that come with mdetools, by name."""
    paths = {path.stem: str(path) for path in sorted((OWN_CONFIGS / "_base_" / "datasets").glob("*.py"))}
    return paths | {alias: paths[name] for alias, name in ALIASES.items() if name in paths}


def load_sets(names: Sequence[str], roots: Roots | None = None, limit: int | None = None) -> list[EvaluationSet]:
    """The data sets of `--datasets`, each built once, so that what is missing is told at the start.

    Args:
        names: of data sets, paths of configs, or `LABEL=CONFIG`.
        roots: of `--data-root`, by the data sets' labels; `LABEL.PART` is a part of a concatenation.
        limit: of images, spread evenly over each data set.

    Raises:
        UserError: if a name, a config or a folder is not there, or two data sets are called the same.
    """
    found = [find_set(name) for name in names]
    labels = [label for label, _ in found]
    check_labels(labels, "data sets", "LABEL=CONFIG")
    shares = share_roots(labels, list(roots or []))
    return [load_set(label, path, shares[label], limit) for label, path in found]


def find_set(text: str) -> tuple[str, str]:
    """The label and the config's path of a data set.

    Raises:
        UserError: if there is none of that name, or the label has characters that none has.
    """
    known = known_sets()
    label, name = named_root(text)
    path = str(expand_home(name))
    before, _, after = text.rpartition("=")
    if label is None and before and (after in known or after.endswith(CONFIG_ENDINGS)) and not Path(path).exists():
        raise UserError(
            f"--datasets '{one_line(text, 200)}': the label '{one_line(before, 100)}' is no name of letters, digits, "
            "_, . and -; choose one that is"
        )
    if name in known:
        return label or name, known[name]
    if not path.endswith(CONFIG_ENDINGS):
        raise nearest(name, known, "the data set")
    return label or Path(path).stem, path


def share_roots(labels: Sequence[str], roots: list[tuple[str | None, str]]) -> dict[str, dict[str | None, str]]:
    """The folders of each data set, by the names of `set_data_root`.

    Raises:
        UserError: if a folder is for no data set, or for one of several.
    """
    shares: dict[str, dict[str | None, str]] = {label: {} for label in labels}
    for name, root in roots:
        if name is None:
            if len(labels) > 1:
                raise UserError(
                    f"--data-root {one_line(root, 200)}: there are {len(labels)} data sets, expected NAME=DIR; the "
                    f"names are {', '.join(labels)}"
                )
            shares[labels[0]][None] = root
            continue
        label = max((one for one in labels if name == one or name.startswith(f"{one}.")), key=len, default=None)
        if label is None:
            raise nearest(name, shares, f"--data-root {name}={one_line(root, 200)}: the data set")
        shares[label][name[len(label) + 1 :] or None] = root
    return shares


def load_set(label: str, path: str, roots: dict, limit: int | None) -> EvaluationSet:
    """One data set, built to see that it is there."""
    cfg: Config = load_config(path)
    require_entries(cfg, "an evaluation", "test_dataloader", "test_evaluator")
    if roots:
        set_data_root({"test_dataloader": cfg.test_dataloader}, roots)
    loader, metrics = cfg.test_dataloader.to_dict(), metrics_of(cfg.test_evaluator)
    dataset = DATASETS.build(with_resize(loader["dataset"], None))
    length, metainfo = len(dataset), getattr(dataset, "metainfo", {})
    if not length:
        raise UserError(f"data set '{label}' has no samples; check its folder and its split")
    indices = None
    if limit is not None and limit < length:
        indices = np.linspace(0, length - 1, limit).round().astype(int).tolist()
    return EvaluationSet(
        label,
        path,
        loader,
        [dict(metric) for metric in metrics],
        sources_of(loader["dataset"]),
        length,
        metainfo.get("ground_truth"),
        indices,
    )
