"""Attention by torch's kernel or, for many tokens in bfloat16 on the CPU, by faster matrix products."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.errors import UserError, suggest
from mdetools.models.layers.exporting import is_exporting

__all__ = ["ATTENTIONS", "MatmulAttention", "SelfAttention", "attention", "fused_attention"]

MANY_TOKENS = 256  # where matrix products begin to pay, one head at a time
# Whether the CPU multiplies tiles of bfloat16; torch says so in no public way.
AMX = getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()

softmax_backward = torch.ops.aten._softmax_backward_data.out


def attention(qkv: Tensor) -> Tensor:
    """softmax(query @ key^T / sqrt(D)) @ value, in each head.

    Args:
        qkv: (B, N, 3, heads, D), query, key and value as one layer gives them.

    Returns:
        (B, N, heads * D).
    """
    if qkv.device.type != "cpu" or qkv.dtype != torch.bfloat16 or torch.compiler.is_compiling() or is_exporting():
        return fused_attention(qkv)
    # Measured on two cores with AMX, torch 2.14. 6 heads of 1814 tokens, without a backward pass: torch's bfloat16
    # kernel takes 7.9 ms, the products 10.9; with it 47 and 39.
    if AMX and not (torch.is_grad_enabled() and qkv.requires_grad):
        return fused_attention(qkv)
    # Measured on two cores with AVX-512, torch 2.15. 6 heads of 1370 tokens: torch's bfloat16 kernel 22.8 ms, the
    # products 12. Forward and backward of 64 tokens in 16 images: that kernel 13 ms, the one for float32 6, the
    # products 20.
    if len(qkv) and qkv.shape[1] >= MANY_TOKENS:
        return MatmulAttention.apply(qkv)
    with torch.autocast("cpu", enabled=False):
        return fused_attention(qkv.float()).to(qkv.dtype)


def fused_attention(qkv: Tensor) -> Tensor:
    """`attention` by torch's own kernel."""
    return F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4).unbind()).transpose(1, 2).flatten(2)


ATTENTIONS = {"auto": attention, "sdpa": fused_attention}


class MatmulAttention(torch.autograd.Function):
    """Attention as matrix products, one head at a time, so that the (N, N) weights stay in the cache.

    As in the fused kernel, the weights are computed again in the backward pass instead of being kept.
    """

    @staticmethod
    def forward(ctx, qkv: Tensor) -> Tensor:
        """See `attention`."""
        ctx.save_for_backward(qkv)
        images, tokens, _, heads, channels = qkv.shape
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind()
        key = key * (math.log2(math.e) * channels**-0.5)
        out = qkv.new_empty(images, tokens, heads, channels).transpose(1, 2)
        sums = qkv.new_empty(images, tokens, heads, 1).transpose(1, 2)
        weights = qkv.new_empty(tokens, tokens)
        for image in range(images):
            for head in range(heads):
                torch.mm(query[image, head], key[image, head].t(), out=weights)
                torch.exp2(weights, out=weights)
                torch.sum(weights, -1, keepdim=True, out=sums[image, head])
                torch.mm(weights, value[image, head], out=out[image, head])
        # Without the row's maximum taken off it is a fifth faster, and loses nothing as long as the sums are far from
        # the ends of the type's range. What limits the precision is that scores are rounded to bfloat16.
        ctx.in_range = bool(sums.min() > 2.0**-100 and sums.max() < 2.0**100)
        return out.div_(sums).transpose(1, 2).flatten(2) if ctx.in_range else fused_attention(qkv)

    @staticmethod
    def backward(ctx, grad: Tensor) -> Tensor:
        """Gradient of `qkv`."""
        (qkv,) = ctx.saved_tensors
        if not ctx.in_range:
            with torch.enable_grad():
                leaf = qkv.detach().requires_grad_()
                return torch.autograd.grad(fused_attention(leaf), leaf, grad)[0]
        images, tokens, _, heads, channels = qkv.shape
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind()
        scale = channels**-0.5
        key = key * scale
        grad_out = grad.view(images, tokens, heads, channels).transpose(1, 2)
        grad_qkv = torch.empty_like(qkv)
        grad_query, grad_key, grad_value = grad_qkv.permute(2, 0, 3, 1, 4).unbind()
        scores, weights = qkv.new_empty(2, tokens, tokens)
        for image in range(images):
            for head in range(heads):
                q, k, grad_o = query[image, head], key[image, head], grad_out[image, head]
                torch.mm(q, k.t(), out=weights)
                torch.softmax(weights, -1, out=weights)  # a row is read before it is written
                torch.mm(weights.t(), grad_o, out=grad_value[image, head])
                torch.mm(grad_o, value[image, head].t(), out=scores)
                softmax_backward(scores, weights, -1, weights.dtype, grad_input=scores)
                torch.mm(scores, k, out=grad_query[image, head])
                torch.mm(scores.t(), q, out=grad_key[image, head])
        grad_qkv[:, :, 1].mul_(scale)
        return grad_qkv


class SelfAttention(nn.Module):
    """timm's `Attention`, with its layers and their names, computed as this module's functions do.

    Args:
        source: the attention of a timm block without norms of query and key, and without dropout.
        kernel: "auto" is the fastest way, see `attention`; "sdpa" is torch's own kernel, always.

    Raises:
        UserError: if there is no such kernel.
    """

    def __init__(self, source: nn.Module, kernel: str = "auto") -> None:
        super().__init__()
        if kernel not in ATTENTIONS:
            raise UserError(f"attention is '{kernel}'; {suggest(kernel, ATTENTIONS)}")
        self.attend = ATTENTIONS[kernel]
        self.qkv = source.qkv
        self.proj = source.proj
        self.num_heads = source.num_heads

    def forward(self, tokens: Tensor, **_) -> Tensor:
        """Maps (B, N, C) to (B, N, C); timm's masks are not used."""
        return self.proj(self.attend(self.qkv(tokens).unflatten(2, (3, self.num_heads, -1))))
