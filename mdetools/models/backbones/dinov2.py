"""DINOv2 vision transformers as dense feature extractors."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Literal

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mdetools.errors import UserError, suggest
from mdetools.models.layers import RecomputingMlp, SelfAttention, is_exporting, map_size, resample_pos_embed
from mdetools.registry import BACKBONES

__all__ = ["DINOv2"]

PATCH_SIZE = 14

# timm's name, and the blocks whose output Depth Anything V2 feeds to its head
ARCHITECTURES = {
    "vits": SimpleNamespace(timm_name="vit_small_patch14_dinov2", out_indices=(2, 5, 8, 11)),
    "vitb": SimpleNamespace(timm_name="vit_base_patch14_dinov2", out_indices=(2, 5, 8, 11)),
    "vitl": SimpleNamespace(timm_name="vit_large_patch14_dinov2", out_indices=(4, 11, 17, 23)),
    "vitg": SimpleNamespace(timm_name="vit_giant_patch14_dinov2", out_indices=(9, 19, 29, 39)),
}


@BACKBONES.register_module()
class DINOv2(nn.Module):
    """DINOv2 ViT-S/B/L/g on timm's blocks, for images of any size that patches of 14 pixels fill.

    Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", 2023, with the choices of Yang et al.,
    "Depth Anything V2", 2024.

    Args:
        arch: "vits", "vitb", "vitl" or "vitg".
        out_indices: blocks whose output is returned; None takes those of Depth Anything V2. Depth Anything V1 takes the
            last four. Blocks after the last one are left out of the model.
        pos_embed_offset: how position embeddings are resampled, see `resample_pos_embed`.
        drop_path_rate: stochastic depth of the last block, growing linearly from 0 at the first.
        grad_checkpointing: recompute each block in the backward pass, for less memory.
        frozen_blocks: that many first blocks, and the embeddings before them, stay as they are.
        attention: "auto", the fastest way for the device, type and number of tokens, or "sdpa", torch's kernel always.
            An exported, traced or compiled model has torch's kernel either way.

    Attributes:
        channels: channels of each returned map.
        strides: pixels of the image per cell of each returned map, 14 for all.

    Raises:
        UserError: if there is no such `arch`, block or `attention`.
    """

    def __init__(
        self,
        arch: str = "vits",
        out_indices: Sequence[int] | None = None,
        pos_embed_offset: float | None = 0.1,
        drop_path_rate: float = 0.0,
        grad_checkpointing: bool = False,
        frozen_blocks: int = 0,
        attention: Literal["auto", "sdpa"] = "auto",
    ) -> None:
        super().__init__()
        import timm

        if arch not in ARCHITECTURES:
            raise UserError(f"DINOv2 has no arch '{arch}'; {suggest(arch, ARCHITECTURES)}")
        self.vit = timm.create_model(
            ARCHITECTURES[arch].timm_name, num_classes=0, img_size=518, drop_path_rate=drop_path_rate, init_values=1.0
        )
        depth = len(self.vit.blocks)
        self.out_indices = tuple(out_indices or ARCHITECTURES[arch].out_indices)
        if len(set(self.out_indices)) != len(self.out_indices) or not all(0 <= i < depth for i in self.out_indices):
            raise UserError(
                f"DINOv2 {arch}: out_indices {self.out_indices} must be different numbers from 0 to {depth - 1}"
            )
        self.vit.blocks = self.vit.blocks[: max(self.out_indices) + 1]
        for block in self.vit.blocks:
            block.attn = SelfAttention(block.attn, attention)
            # ViT-g has a gated MLP; and a block that is recomputed as a whole gains nothing from it.
            if isinstance(block.mlp, timm.layers.Mlp) and not grad_checkpointing:
                block.mlp = RecomputingMlp(block.mlp)
        self.pos_embed_offset = pos_embed_offset
        self.grad_checkpointing = grad_checkpointing
        self.channels = [self.vit.embed_dim] * len(self.out_indices)
        self.strides = [PATCH_SIZE] * len(self.out_indices)
        self._freeze(frozen_blocks)

    @property
    def usual_out_indices(self) -> dict[str, tuple[int, ...]]:
        """The blocks that each `arch` takes where `out_indices` is None."""
        return {arch: architecture.out_indices for arch, architecture in ARCHITECTURES.items()}

    def _freeze(self, blocks: int) -> None:
        if not 0 <= blocks <= len(self.vit.blocks):
            raise UserError(
                f"DINOv2: frozen_blocks is {blocks}, expected 0 to {len(self.vit.blocks)}, the blocks it has"
            )
        if blocks:
            self.vit.patch_embed.requires_grad_(False)
            self.vit.cls_token.requires_grad_(False)
            self.vit.pos_embed.requires_grad_(False)
            self.vit.blocks[:blocks].requires_grad_(False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Extracts the maps.

        Args:
            image: (B, 3, H, W), normalised with ImageNet's mean and deviation.

        Returns:
            A list of (B, C, H / 14, W / 14), after the final norm, in the order of `out_indices`.

        Raises:
            UserError: if H or W is no multiple of 14.
        """
        height, width = map_size(image)
        if height % PATCH_SIZE or width % PATCH_SIZE:
            raise UserError(
                f"DINOv2 got an image of {height}x{width}; both sides must be multiples of {PATCH_SIZE}: "
                f"use dict(type='Resize', ..., multiple_of={PATCH_SIZE}) and a crop of such a size"
            )
        grid = (height // PATCH_SIZE, width // PATCH_SIZE)
        patches = self.vit.patch_embed.proj(image)
        if torch.jit.is_tracing():  # fails for images of another grid, as the embeddings below are of this one alone
            patches = patches + torch.zeros_like(patches.flatten(2).unflatten(2, grid))
        tokens = patches.flatten(2).transpose(1, 2)
        tokens = torch.cat([self.vit.cls_token.expand(tokens.shape[0], -1, -1), tokens], dim=1)
        tokens = tokens + resample_pos_embed(self.vit.pos_embed, grid, self.pos_embed_offset)

        outputs = {}
        for index, block in enumerate(self.vit.blocks):
            if self.grad_checkpointing and self.training and not is_exporting():
                tokens = checkpoint(block, tokens, use_reentrant=False)
            else:
                tokens = block(tokens)
            if index in self.out_indices:
                outputs[index] = self.vit.norm(tokens)[:, 1:].transpose(1, 2).unflatten(2, grid)
        return [outputs[index] for index in self.out_indices]
