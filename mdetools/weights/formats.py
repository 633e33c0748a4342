"""Translates the weights of others into the names that mdetools' models use.

| format | how it is known | parts |
|---|---|---|
| mdetools | `meta.mdetools_version` | all |
| Depth Anything V1, V2, metric and relative | `pretrained.*`, `depth_head.*` | DINOv2 and DPT |
| Hugging Face `DepthAnythingForDepthEstimation` | `backbone.embeddings.*`, `neck.*` | DINOv2 and DPT |
| DINOv2's own, published or a training run's teacher, and timm's | `blocks.0.*`, `backbone.blocks.0.*` | DINOv2 |

Each may lie in a dict of any name, and have the prefixes of wrapping modules: see `mdetools.weights.unwrapping`.
"""

import re
from collections.abc import Collection, Iterable

from torch import Tensor, cat

from mdetools.errors import UserError
from mdetools.weights.names import (
    DEPTH_ANYTHING,
    DEPTH_ANYTHING_GATED,
    HUGGING_FACE,
    HUGGING_FACE_GATED,
    Rename,
    ours,
)
from mdetools.weights.unwrapping import collect, without_prefixes, wrapped_state

__all__ = ["to_mdetools"]

# Weights that these formats hold and no forward pass uses.
UNUSED = re.compile(r"mask_token$|refinenet4\.resConfUnit1|fusion_stage\.layers\.0\.residual_layer1")

# A teacher that DINOv2's training code saved has its blocks in chunks, which keep the blocks' own numbers.
DINOV2_RULES = ((r"^backbone\.", ""), (r"^blocks\.\d+\.(\d+)\.", r"blocks.\1."))

# transformers 5 has other names in memory; its files keep those of the table
IN_MEMORY_RULES = (
    (r"\.attention\.o_proj\.", ".attention.output.dense."),
    (r"\.attention\.q_proj\.", ".attention.attention.query."),
    (r"\.attention\.k_proj\.", ".attention.attention.key."),
    (r"\.attention\.v_proj\.", ".attention.attention.value."),
)


def to_mdetools(checkpoint: dict, source: str, known: Collection[str] = ()) -> dict[str, Tensor]:
    """Returns the state dict of an mdetools model that `checkpoint` holds.

    Args:
        checkpoint: as read from a file of any format in this module's table.
        source: name of the file, for the error.
        known: the names of the model's own weights, from which no prefix is taken.

    Raises:
        UserError: if the format is none of the known, or the weights are no plain tensors.
    """
    saved = wrapped_state(checkpoint, source)
    state = collect(((without_prefixes(name, known), value) for name, value in saved.items()), source)
    if state and "mdetools_version" in checkpoint.get("meta", {}):
        return state
    used = {key: value for key, value in state.items() if key in known or not UNUSED.search(key)}
    if any(key.startswith("pretrained.") for key in used):
        return _rename(used, (), (*DEPTH_ANYTHING, *DEPTH_ANYTHING_GATED), source)
    if any(key.startswith("backbone.embeddings.") for key in used):
        table = (*HUGGING_FACE, *HUGGING_FACE_GATED)
        return _join_query_key_value(_rename(used, IN_MEMORY_RULES, table, source), source)
    if any(key.startswith(("blocks.0.", "backbone.blocks.0.")) for key in used):
        renamed = _rename(used, DINOV2_RULES, DEPTH_ANYTHING_GATED, source)
        return {f"backbone.vit.{key}": value for key, value in renamed.items()}
    if any(key.startswith("backbone.") or key in known for key in used):  # a model's state dict, saved alone
        return used
    raise UserError(
        f"'{source}' is of no known format (first keys: {list(state)[:3]}); expected weights of mdetools, "
        "Depth Anything, DINOv2, timm or a Hugging Face Depth Anything folder"
    )


def _rename(
    state: dict[str, Tensor], rules: Iterable[tuple[str, str]], table: Iterable[Rename], source: str
) -> dict[str, Tensor]:
    def renamed(key: str) -> str:
        for pattern, replacement in rules:
            key = re.sub(pattern, replacement, key)
        return ours(key, table)

    return collect(((renamed(key), value) for key, value in state.items()), source)


def _join_query_key_value(state: dict[str, Tensor], source: str) -> dict[str, Tensor]:
    """Joins the three projections of Hugging Face's attention into timm's one."""
    joined, projections = {}, {}
    for key, value in state.items():
        match = re.match(r"(.*\.attn\.)(query|key|value)\.(.*)", key)
        if match is None:
            joined[key] = value
        else:
            projections.setdefault(f"{match[1]}qkv.{match[3]}", {})[match[2]] = value
    for key, parts in projections.items():
        shapes = {name: tuple(parts[name].shape) for name in ("query", "key", "value") if name in parts}
        if len(shapes) < 3 or len(set(shapes.values())) > 1 or () in shapes.values():
            raise UserError(
                f"'{source}' has the projections {shapes} for {key}, expected query, key and value of one shape; copy "
                "or download it again"
            )
        joined[key] = cat([parts[name] for name in ("query", "key", "value")])
    return joined
