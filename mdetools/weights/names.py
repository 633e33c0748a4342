"""What others call the weights of mdetools' models: one table per format, read in both directions."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

__all__ = ["DEPTH_ANYTHING", "DEPTH_ANYTHING_GATED", "HUGGING_FACE", "HUGGING_FACE_GATED", "Rename", "ours", "theirs"]


class Rename(NamedTuple):
    """A part of a name, there and here.

    Attributes:
        theirs: the part, with `#` for a number. It stands at the beginning of the name unless it begins with a dot.
        ours: likewise, with a `#` where there is one in the other.
        numbers: where the numbers differ, theirs in the order of ours.
    """

    theirs: str
    ours: str
    numbers: tuple[int, ...] = ()


# The rows are taken in turn on the way here, and backwards on the way there.
DEPTH_ANYTHING = (
    Rename("pretrained.", "backbone.vit."),
    Rename("depth_head.projects.", "head.projects."),
    Rename("depth_head.resize_layers.", "head.resizers."),
    Rename("depth_head.scratch.layer#_rn.", "head.reducers.#.", (1, 2, 3, 4)),
    Rename("depth_head.scratch.refinenet#.", "head.fusions.#.", (1, 2, 3, 4)),
    Rename(".resConfUnit1.", ".skip_unit."),
    Rename(".resConfUnit2.", ".unit."),
    Rename("depth_head.scratch.output_conv1.", "head.output_conv1."),
    Rename("depth_head.scratch.output_conv2.0.", "head.output_conv2."),
    Rename("depth_head.scratch.output_conv2.2.", "head.output_conv3."),
)

HUGGING_FACE = (
    Rename("backbone.embeddings.position_embeddings", "backbone.vit.pos_embed"),
    Rename("backbone.embeddings.patch_embeddings.projection.", "backbone.vit.patch_embed.proj."),
    Rename("backbone.embeddings.cls_token", "backbone.vit.cls_token"),
    Rename("backbone.embeddings.mask_token", "backbone.vit.mask_token"),
    Rename("backbone.layernorm.", "backbone.vit.norm."),
    Rename("backbone.encoder.layer.", "backbone.vit.blocks."),
    Rename(".attention.attention.", ".attn."),
    Rename(".attention.output.dense.", ".attn.proj."),
    Rename(".layer_scale#.lambda1", ".ls#.gamma"),
    Rename("neck.reassemble_stage.layers.#.projection.", "head.projects.#."),
    Rename("neck.reassemble_stage.layers.#.resize.", "head.resizers.#."),
    Rename("neck.convs.", "head.reducers."),
    Rename("neck.fusion_stage.layers.#.", "head.fusions.#.", (3, 2, 1, 0)),  # coarse to fine there
    Rename(".residual_layer1.convolution", ".skip_unit.conv"),
    Rename(".residual_layer2.convolution", ".unit.conv"),
    Rename(".projection.", ".out_conv."),
    Rename("head.conv#.", "head.output_conv#."),
)

# The giant's SwiGLU, which timm calls as it calls any MLP.
DEPTH_ANYTHING_GATED = (Rename(".mlp.w12.", ".mlp.fc1."), Rename(".mlp.w3.", ".mlp.fc2."))
HUGGING_FACE_GATED = (Rename(".mlp.weights_in.", ".mlp.fc1."), Rename(".mlp.weights_out.", ".mlp.fc2."))


def ours(name: str, table: Iterable[Rename]) -> str:
    """What mdetools calls a weight.

    >>> ours("depth_head.scratch.refinenet4.resConfUnit2.conv1.bias", DEPTH_ANYTHING)
    'head.fusions.3.unit.conv1.bias'
    """
    for row in table:
        name = _replace(name, row.theirs, row.ours, {number: index for index, number in enumerate(row.numbers)})
    return name


def theirs(name: str, table: Iterable[Rename]) -> str:
    """What the format of a table calls a weight of mdetools.

    >>> theirs("head.fusions.3.unit.conv1.bias", HUGGING_FACE)
    'neck.fusion_stage.layers.0.residual_layer2.convolution1.bias'
    """
    for row in reversed(tuple(table)):
        name = _replace(name, row.ours, row.theirs, dict(enumerate(row.numbers)))
    return name


def _replace(name: str, old: str, new: str, numbers: Mapping[int, int]) -> str:
    start = "" if old.startswith(".") else "^"
    pattern = start + r"(\d+)".join(map(re.escape, old.split("#")))

    def replacement(match: re.Match) -> str:
        if "#" not in new:
            return new
        number = int(match[1])
        return new.replace("#", str(numbers.get(number, number)))

    return re.sub(pattern, replacement, name)
