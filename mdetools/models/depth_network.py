"""A depth model as a part of another model: built from a config or a published file, with its weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from mdetools.errors import UserError, one_line
from mdetools.models.model_config import without_training
from mdetools.registry import MODELS
from mdetools.weights.loading import load_whole
from mdetools.weights.published import require_published
from mdetools.weights.shipped import find_published

__all__ = ["DepthNetwork", "build_depth_network"]


class DepthNetwork(NamedTuple):
    """A model that predicts depth.

    Attributes:
        model: an estimator.
        size: (height, width) that its published file says its images have; None if nothing says so.
    """

    model: nn.Module
    size: tuple[int, int] | None


def build_depth_network(
    depth: Mapping | str, checkpoint: str | None = None, weights_as_is: bool = False
) -> DepthNetwork:
    """Builds a depth model and loads its weights. The random numbers that follow are as they would be without.

    >>> build_depth_network("mdetools-tiny").size
    (112, 112)

    Args:
        depth: config from MODELS; or the name of a model that comes with mdetools, or a published file.
        checkpoint: weights of any known format, of a config's model; None leaves it as it is built.
        weights_as_is: load the checkpoint even if it says that it was made for another model, with a warning.

    Raises:
        UserError: if there is no such model, its weights do not fit, or a published model is given other weights.
    """
    published = None
    if isinstance(depth, str):
        if checkpoint is not None:
            raise UserError(
                f"the depth model '{depth}' has its own weights, and a checkpoint is given too; leave it out"
            )
        checkpoint = str(find_published(depth))
        published = require_published(checkpoint, "give its config as depth, and the file as checkpoint")
        check_registered(published.model, checkpoint)
        depth = published.model
    with torch.random.fork_rng(devices=[]):
        model = MODELS.build({**depth, "losses": None} if checkpoint is None else without_training(depth))
    if checkpoint is not None and not next(model.parameters()).is_meta:  # or its shapes alone are wanted
        load_whole(model, checkpoint, weights_as_is)
    size = None if published is None else published.resize.get("size")
    return DepthNetwork(model, size if size is None else pair(size))


def pair(size: int | tuple[int, int]) -> tuple[int, int]:
    """(size, size) of an int, (height, width) of two."""
    return (size, size) if isinstance(size, int) else tuple(size)


def check_registered(node: object, path: str | Path) -> None:
    """Checks that a header names registered components alone, so that reading it imports nothing.

    Raises:
        UserError: at a dotted path or a foreign scope.
    """
    if isinstance(node, list):
        node = dict(enumerate(node))
    for key, value in node.items() if isinstance(node, dict) else ():
        if key in ("type", "_scope_") and not (isinstance(value, str) and value.isidentifier() and key == "type"):
            raise UserError(
                f"'{path}': its header has {key}={one_line(repr(value), 80)}, expected the name of a registered "
                "component; download it again"
            )
        check_registered(value, path)
