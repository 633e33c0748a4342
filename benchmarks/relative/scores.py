"""Scores of models on real validation frames, and the differences between them."""

import json
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config

from mdetools.apis.pseudo_labels import image_pipeline
from mdetools.apis.pseudo_labels.teacher import build_teacher
from mdetools.datasets.collation import collate_samples
from mdetools.evaluation import Protocol, bootstrap_interval, columns_of, evaluate_image, get_protocol
from mdetools.registry import DATASETS

__all__ = ["score", "table"]

VAL = {
    "kitchen": (dict(type="NYUDataset", data_root="nyu", split="val"), "nyu_lstsq_disparity"),
    "nyu": (dict(type="NYUDataset", data_root="nyu", split="val_nyu"), "nyu_lstsq_disparity"),
    "street": (
        dict(type="KITTIDataset", data_root="kitti_raw", split="val", depth_source="velodyne", stereo=False),
        "kitti_garg_80_lstsq_disparity",
    ),
}
ABS_REL = list(columns_of(["depth_errors"])).index("abs_rel")


@torch.inference_mode()
def score(real: Path, cfg: Config, checkpoint: Path, kept: Path) -> dict[str, np.ndarray]:
    """abs_rel of each validation image, by set, of a model of the teacher's config; kept in a file."""
    if not kept.is_file():
        model = build_teacher(cfg, str(checkpoint), flip=False)
        errors = {}
        for name, (source, protocol) in VAL.items():
            source = {**source, "data_root": str(real / source["data_root"]), "pipeline": image_pipeline(cfg)}
            dataset, rules = DATASETS.build(source), get_protocol(protocol)
            errors[name] = [abs_rel(model, dataset[index], rules) for index in range(len(dataset))]
        kept.write_text(json.dumps(errors))
    return {name: np.array(values) for name, values in json.loads(kept.read_text()).items()}


def abs_rel(model: torch.nn.Module, sample: dict, rules: Protocol) -> float:
    """Of one image, under a protocol."""
    (prediction,) = model.test_step(collate_samples([sample]))
    row = evaluate_image(prediction, sample["depth"], sample["valid_mask"], rules)
    return row[ABS_REL].item()


def difference(ours: list[dict], theirs: list[dict], name: str) -> str:
    """Mean over images of the seeds' mean abs_rel; in brackets, paired, what it is above another model's."""
    own, other = (np.mean([scores[name] for scores in seeds], axis=0) for seeds in (ours, theirs))
    if ours is theirs:
        return f"{own.mean():.4f}"
    low, high = bootstrap_interval(own - other)
    return f"{own.mean():.4f} ({(own - other).mean():+.4f}, {low:+.4f}..{high:+.4f})"


def table(rows: dict[str, list[dict]], compared: str) -> str:
    """Markdown: a line per model, a column per set; in brackets the paired difference to the line `compared`."""
    lines = [f"| | {' | '.join(VAL)} |", "|---" * (len(VAL) + 1) + "|"]
    for title, seeds in rows.items():
        lines.append(f"| {title} | {' | '.join(difference(seeds, rows[compared], name) for name in VAL)} |")
    return "\n".join(lines)
