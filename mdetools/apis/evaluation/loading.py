"""A model to be evaluated, built and loaded, with what is known of it."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from mmengine.config import Config
from torch import nn

from mdetools.apis.evaluation.naming import Candidate
from mdetools.apis.evaluation.origin import Source, named_in, trained_on
from mdetools.apis.inference.preparing import resize_config
from mdetools.apis.published import config_of
from mdetools.engine.configs.loading import load_config
from mdetools.engine.configs.required_entries import require_entries
from mdetools.registry import MODELS
from mdetools.weights.folders import weight_files
from mdetools.weights.loading import load_matching, read_weights
from mdetools.weights.published import Published, require_published

__all__ = ["LoadedModel", "ModelFacts", "load_model", "read_candidate"]

LOGGER = logging.getLogger("mdetools")
CHUNK = 2**20


@dataclass(frozen=True)
class ModelFacts:
    """What the results tell of a checkpoint.

    Attributes:
        trained: the data sets that it names as those of its training; None if it names none.
        digests: the SHA-256 of each of its files, by the file's name.
    """

    trained: list[Source] | None
    digests: dict[str, str]


@dataclass(frozen=True)
class LoadedModel:
    """A model in eval mode on its device.

    Attributes:
        model: as its config builds it.
        resize: the config of its `Resize`.
        seed: of its config, which its loaders get.
        facts: of its checkpoint.
    """

    model: nn.Module
    resize: dict
    seed: int | None
    facts: ModelFacts


def read_candidate(candidate: Candidate, flip: str | None = None) -> Config:
    """The config of a model, checked for what an evaluation needs.

    Args:
        candidate: the model.
        flip: how to average with the mirrored image; None leaves the config's.

    Raises:
        UserError: if it has no model, or no `Resize` in its test pipeline; or the file is none that was published.
    """
    if candidate.config is None:
        cfg = config_of(header_of(candidate), Path(candidate.checkpoint))
    else:
        cfg = load_config(candidate.config)
        require_entries(cfg, "an evaluation", "model")
    resize_config(cfg)
    if flip is not None:
        cfg.model.flip_test = flip
    return cfg


def load_model(candidate: Candidate, cfg: Config, device: str, as_is: bool = False) -> LoadedModel:
    """Builds a model and loads its checkpoint.

    Args:
        candidate: the model.
        cfg: as `read_candidate` gives it.
        device: where to run.
        as_is: load weights that say they were made for another model, or are not finite, all the same.

    Raises:
        UserError: if the checkpoint is unreadable or does not fit.
    """
    torch.backends.cudnn.benchmark = bool((cfg.get("env_cfg") or {}).get("cudnn_benchmark", False))
    model = MODELS.build(cfg.model)
    content = read_weights(model, candidate.checkpoint, LOGGER, as_is=as_is or cfg.get("weights_as_is", False))
    load_matching(model, content["state_dict"], candidate.checkpoint)
    if candidate.config is None:
        trained = named_in(header_of(candidate).facts)
    else:
        trained = trained_on(content, candidate.checkpoint)
    return LoadedModel(
        model.to(device).eval(),
        resize_config(cfg),
        (cfg.get("randomness") or {}).get("seed"),
        ModelFacts(trained, digests_of(candidate.checkpoint)),
    )


def header_of(candidate: Candidate) -> Published:
    """What a published file says of its model.

    Raises:
        UserError: if it says nothing.
    """
    return require_published(candidate.checkpoint, "give its config too, --models CONFIG:CKPT")


def digests_of(checkpoint: str) -> dict[str, str]:
    """The SHA-256 of each file of a checkpoint, so that the results tell which weights were measured."""
    if checkpoint.startswith("timm:"):
        return {}
    digests = {}
    for path in weight_files(Path(checkpoint)):
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        digests[path.name] = digest.hexdigest()
    return digests
