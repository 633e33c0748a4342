"""The weights of mdetools' Depth Anything under the names of others: the way back of `mdetools.weights.formats`."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from mdetools.weights.names import (
    DEPTH_ANYTHING,
    DEPTH_ANYTHING_GATED,
    HUGGING_FACE,
    HUGGING_FACE_GATED,
    Rename,
    theirs,
)

__all__ = ["Written", "is_gated", "to_hugging_face", "to_official"]

COARSEST, SECOND = "head.fusions.3.skip_unit.", "head.fusions.2.skip_unit."


class Written(NamedTuple):
    """Weights under the names of another format.

    Attributes:
        state: all of them.
        unused: the names of those that no forward pass uses, and which the format has all the same; they are zeros.
    """

    state: dict[str, Tensor]
    unused: list[str]


def to_official(state: Mapping[str, Tensor]) -> Written:
    """The weights as the files of Depth Anything V1 and V2 name them.

    Args:
        state: state dict of an mdetools model, a `DINOv2` with a `DPTHead`; the tensors stay as they are, to the bit.
    """
    table = (*DEPTH_ANYTHING, *DEPTH_ANYTHING_GATED) if is_gated(state) else DEPTH_ANYTHING
    return _renamed(state, table)


def to_hugging_face(state: Mapping[str, Tensor]) -> Written:
    """The weights as transformers' `DepthAnythingForDepthEstimation` names them in files; otherwise `to_official`."""
    table = (*HUGGING_FACE, *HUGGING_FACE_GATED) if is_gated(state) else HUGGING_FACE
    split = {}
    for name, value in state.items():
        if ".attn.qkv." in name:
            for part, values in zip(("query", "key", "value"), value.chunk(3), strict=True):
                split[name.replace(".qkv.", f".{part}.")] = values.clone()
        else:
            split[name] = value
    return _renamed(split, table)


def is_gated(state: Mapping[str, Tensor]) -> bool:
    """Whether the blocks have a gated MLP, as ViT-g has: its first layer gives what its second takes twice."""
    first, second = (state[f"backbone.vit.blocks.0.mlp.{layer}.weight"] for layer in ("fc1", "fc2"))
    return first.shape[0] == 2 * second.shape[1]


def _renamed(state: Mapping[str, Tensor], table: tuple[Rename, ...]) -> Written:
    zeros = _unused(state)
    named = {theirs(name, table): value for name, value in {**state, **zeros}.items()}
    return Written(named, [theirs(name, table) for name in zeros])


def _unused(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """By our names, what others have and we have not: the mask token, and the skip unit of the coarsest block."""
    token = state["backbone.vit.cls_token"][0]
    units = {
        COARSEST + name.removeprefix(SECOND): torch.zeros_like(value, memory_format=torch.contiguous_format)
        for name, value in state.items()
        if name.startswith(SECOND)
    }
    return {"backbone.vit.mask_token": torch.zeros_like(token), **units}
