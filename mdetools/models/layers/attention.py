"""Attention by whatever is the fastest: torch's kernel, or matrix products for many tokens in bfloat16 on the CPU."""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["MatmulAttention", "SelfAttention", "attention"]

MANY_TOKENS = 256  # where matrix products begin to pay, a head at a time

softmax_backward = torch.ops.aten._softmax_backward_data.out


def attention(qkv: Tensor) -> Tensor:
    """softmax(query @ key^T / sqrt(D)) @ value, in each head.

    Args:
        qkv: (B, N, 3, heads, D), query, key and value as one layer gives them.

    Returns:
        (B, N, heads * D).
    """
    if qkv.device.type != "cpu" or qkv.dtype != torch.bfloat16:
        return fused_attention(qkv)
    # Measured on two cores with AVX-512, torch 2.15. 6 heads of 1370 tokens: its bfloat16 kernel 22.8 ms, the products
    # 12. Forward and backward of 64 tokens in 16 images: that kernel 13 ms, the one for float32 6, the products 20.
    if len(qkv) and qkv.shape[1] >= MANY_TOKENS:
        return MatmulAttention.apply(qkv)
    with torch.autocast("cpu", enabled=False):
        return fused_attention(qkv.float()).to(qkv.dtype)


def fused_attention(qkv: Tensor) -> Tensor:
    """`attention` by torch's own kernel."""
    return F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4)).transpose(1, 2).flatten(2)


def matrices(x: Tensor) -> Iterator[Tensor]:
    """The (N, D) matrix of every head of every image of (B, N, heads, D)."""
    return (head for image in x.transpose(1, 2) for head in image)


class MatmulAttention(torch.autograd.Function):
    """Attention as matrix products, a head at a time, so that the (N, N) weights stay in the cache.

    As in the fused kernel, the weights are computed again in the backward pass in place of being kept.
    """

    @staticmethod
    def forward(ctx, qkv: Tensor) -> Tensor:
        """See `attention`."""
        ctx.save_for_backward(qkv)
        query, key, value = qkv.unbind(2)
        key = key * (math.log2(math.e) * key.shape[-1] ** -0.5)
        out, sums = qkv.new_empty(query.shape), qkv.new_empty(*query.shape[:-1], 1)
        weights = qkv.new_empty(2 * query.shape[1:2])
        for q, k, v, o, row_sums in zip(*map(matrices, (query, key, value, out, sums)), strict=True):
            torch.mm(q, k.t(), out=weights)
            torch.exp2(weights, out=weights)
            torch.sum(weights, -1, keepdim=True, out=row_sums)
            torch.mm(weights, v, out=o)
        # Without the row's maximum taken off it is a fifth faster, and loses nothing as long as the sums are far from
        # the ends of the type's range. What limits the precision is that scores are rounded to bfloat16.
        ctx.in_range = bool(sums.min() > 2.0**-100 and sums.max() < 2.0**100)
        return out.div_(sums).flatten(2) if ctx.in_range else fused_attention(qkv)

    @staticmethod
    def backward(ctx, grad: Tensor) -> Tensor:
        """Gradient of `qkv`."""
        (qkv,) = ctx.saved_tensors
        if not ctx.in_range:
            with torch.enable_grad():
                leaf = qkv.detach().requires_grad_()
                return torch.autograd.grad(fused_attention(leaf), leaf, grad)[0]
        query, key, value = qkv.unbind(2)
        scale = key.shape[-1] ** -0.5
        key = key * scale
        grad_qkv = torch.empty_like(qkv)
        gradients = zip(matrices(grad.view(query.shape)), *map(matrices, grad_qkv.unbind(2)), strict=True)
        scores, weights = qkv.new_empty(2, qkv.shape[1], qkv.shape[1])
        operands = zip(*map(matrices, (query, key, value)), strict=True)
        for (q, k, v), (grad_out, grad_q, grad_k, grad_v) in zip(operands, gradients, strict=True):
            torch.softmax(torch.mm(q, k.t(), out=weights), -1, out=weights)  # a row is read before it is written
            torch.mm(weights.t(), grad_out, out=grad_v)
            torch.mm(grad_out, v.t(), out=scores)
            softmax_backward(scores, weights, -1, weights.dtype, grad_input=scores)
            torch.mm(scores, k, out=grad_q)
            torch.mm(scores.t(), q, out=grad_k)
        grad_qkv[:, :, 1].mul_(scale)
        return grad_qkv


class SelfAttention(nn.Module):
    """timm's `Attention`, with its layers and their names, on `attention`.

    Args:
        source: the attention of a timm block without norms of query and key, and without dropout.
    """

    def __init__(self, source: nn.Module) -> None:
        super().__init__()
        self.qkv = source.qkv
        self.proj = source.proj
        self.num_heads = source.num_heads

    def forward(self, tokens: Tensor, **_) -> Tensor:
        """Maps (B, N, C) to (B, N, C); timm's masks are not used."""
        return self.proj(attention(self.qkv(tokens).unflatten(2, (3, self.num_heads, -1))))
