"""The feed-forward part of a transformer block, with less to keep for the backward pass."""

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mdetools.models.layers.exporting import is_exporting

__all__ = ["RecomputingMlp"]


class RecomputingMlp(nn.Module):
    """timm's `Mlp`, with its layers and their names, that computes its activation again in the backward pass.

    The widest maps of a transformer block are those before and after the activation. Only the first is kept, the second
    costs one pass over memory: a seventh of all that ViT-S and its head keep for a backward pass at 518x518.

    Args:
        source: the `Mlp` of a timm block, without norm and dropout.
    """

    def __init__(self, source: nn.Module) -> None:
        super().__init__()
        self.fc1 = source.fc1
        self.act = source.act
        self.fc2 = source.fc2

    def forward(self, tokens: Tensor) -> Tensor:
        """Maps (B, N, C) to (B, N, C)."""
        hidden = self.fc1(tokens)
        if is_exporting() or not torch.is_grad_enabled():
            return self._second_half(hidden)
        if (
            torch.compiler.is_compiling()
        ):  # a compiler computes all of a checkpoint again, so it gets the activation alone
            return self.fc2(checkpoint(self.act, hidden, use_reentrant=False, preserve_rng_state=False))
        # The second layer itself is not computed again: `checkpoint` stops at the last tensor that was to be kept.
        return checkpoint(self._second_half, hidden, use_reentrant=False, preserve_rng_state=False)

    def _second_half(self, hidden: Tensor) -> Tensor:
        return self.fc2(self.act(hidden))
