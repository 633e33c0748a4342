"""The data doctor on the data sets of a config."""

import time
import warnings
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mmengine.config import Config
from torch.utils.data import Dataset

from mdetools.datasets.doctor import (
    DepthLimits,
    Finding,
    Split,
    diagnose,
    examine,
    gather,
    parts_of,
    report_of,
)
from mdetools.engine.configs.evaluators import depth_metrics_of
from mdetools.errors import UserError, one_line
from mdetools.evaluation import get_protocol
from mdetools.progress import track
from mdetools.registry import DATASETS

__all__ = ["CheckedSplit", "check_datasets", "depth_limits"]

SPLITS = ("train", "val", "test")


class CheckedSplit(NamedTuple):
    """What was found out about one data set of a config."""

    dataset: Dataset
    split: Split
    findings: list[Finding]
    report: dict


def check_datasets(cfg: Config, workers: int) -> Iterator[CheckedSplit]:
    """Examines each data set of a config once.

    Args:
        cfg: the config; a loader that reads what an earlier one reads is passed over.
        workers: processes; 0 works in this one.

    Raises:
        UserError: if the config has no data set, or one cannot be built or gives no samples.
    """
    if not any(cfg.get(f"{name}_dataloader") for name in SPLITS):
        raise UserError(
            f"{cfg.filename}: has no {', '.join(f'{name}_dataloader' for name in SPLITS)}, expected one or more; add "
            "what is to be checked, or name another config"
        )
    seen, train = [], None
    for name in SPLITS:
        loader = cfg.get(f"{name}_dataloader")
        if loader is None or loader["dataset"] in seen:
            continue
        seen.append(loader["dataset"])
        checked = check_dataset(cfg, name, workers, train)
        train = checked.split if name == "train" else train
        yield checked


def check_dataset(cfg: Config, name: str, workers: int, train: Split | None) -> CheckedSplit:
    """Examines one of the data sets of a config; `train` is the one to compare it with."""
    title = f"{name}_dataloader"
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        dataset = DATASETS.build(cfg[title]["dataset"])
    start = time.perf_counter()
    records = list(track(examine(dataset, workers), len(dataset), title))
    seconds = time.perf_counter() - start
    batch_size = cfg[title].get("batch_size", 1)
    split = gather(title, dataset, records, depth_limits(cfg, name, dataset), batch_size, train)
    findings = diagnose(split) + [Finding("data_set", "warning", one_line(warning.message)) for warning in said]
    speed = {"images_per_second": round(len(records) / max(seconds, 1e-9), 1), "workers": workers}
    return CheckedSplit(dataset, split, findings, report_of(split, findings) | speed)


def depth_limits(cfg: Config, name: str, dataset: Dataset) -> DepthLimits | None:
    """The depths that a config counts for one of its data sets: the narrowest of what its parts say.

    They are what the pipeline keeps (its `DepthRange`), what the head can predict (its `max_depth`), and for `val` and
    `test` the caps of the protocol.

    Returns:
        None if none of them says anything.
    """
    lows, highs = [], []
    transforms = [one for part in parts_of(dataset) for one in getattr(part, "transforms", ())]
    ranges = [one for one in transforms if hasattr(one, "min_depth") and hasattr(one, "max_depth")]
    if ranges:
        lows.append(min(one.min_depth for one in ranges))
        highs.append((max(one.max_depth for one in ranges), "DepthRange"))
    highs += [(depth, "the head's max_depth") for depth in values_of(cfg.get("model"), "max_depth")]
    if name != "train":
        for metric in depth_metrics_of(cfg.get(f"{name}_evaluator")):
            protocol = get_protocol(metric.get("protocol", "nyu"))
            lows.append(protocol.min_depth)
            highs.append((protocol.max_depth, f"protocol {protocol.name}"))
    if not highs:
        return None
    high, source = min(highs)
    return DepthLimits(float(max(lows, default=0.0)), float(high), source)


def values_of(node: object, key: str) -> list[float]:
    """The numbers that stand under a key anywhere in a config."""
    if isinstance(node, Mapping):
        own = [node[key]] if isinstance(node.get(key), int | float) else []
        return own + [number for value in node.values() for number in values_of(value, key)]
    if isinstance(node, list | tuple):
        return [number for value in node for number in values_of(value, key)]
    return []
