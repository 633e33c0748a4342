"""Checkpoints of untrained models, and the cells of an evaluation."""

from pathlib import Path

import torch

from mdetools import __version__
from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS

__all__ = ["cell_of", "write_weights"]


def write_weights(config: Path, path: Path, seed: int, says_its_config: bool = True) -> Path:
    """Writes a checkpoint of random weights, as a training does or bare; returns `path`."""
    cfg = load_config(str(config))
    torch.manual_seed(seed)
    state = MODELS.build(cfg.model).state_dict()
    meta = {"mdetools_version": __version__, "cfg": cfg.pretty_text}
    torch.save({"meta": meta, "state_dict": state} if says_its_config else state, path)
    return path


def cell_of(results: dict, model: str, protocol: str) -> dict:
    """The one cell of a model under a protocol."""
    (cell,) = [one for one in results["cells"] if one["model"] == model and one["protocol"]["name"] == protocol]
    return cell
