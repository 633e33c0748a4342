"""Layers that several networks could share."""

from mdetools.models.layers.attention import MatmulAttention, SelfAttention, attention
from mdetools.models.layers.exporting import is_exporting, map_size
from mdetools.models.layers.local_response_norm import LocalResponseNorm, local_response_norm
from mdetools.models.layers.mlp import RecomputingMlp
from mdetools.models.layers.position_embedding import resample_pos_embed

__all__ = [
    "LocalResponseNorm",
    "MatmulAttention",
    "RecomputingMlp",
    "SelfAttention",
    "attention",
    "is_exporting",
    "local_response_norm",
    "map_size",
    "resample_pos_embed",
]
