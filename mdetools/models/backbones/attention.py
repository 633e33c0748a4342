"""Attention in bfloat16 on the CPU, where torch's fused kernel is slower than its matrix products."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["MatmulAttention", "SelfAttention", "attention"]

softmax_backward = torch.ops.aten._softmax_backward_data.out


def attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """softmax(query @ key^T / sqrt(D)) @ value.

    Args:
        query: (B, heads, N, D).
        key: likewise.
        value: likewise.

    Returns:
        (B, heads, N, D).
    """
    # On two cores with AVX-512 torch 2.15's fused kernel took 19.7 ms for 6 heads of 1370 tokens, this one 12.
    if query.device.type == "cpu" and query.dtype == torch.bfloat16:
        return MatmulAttention.apply(query, key, value)
    return F.scaled_dot_product_attention(query, key, value)


class MatmulAttention(torch.autograd.Function):
    """Attention as matrix products, a head at a time, so that the (N, N) weights stay in the cache.

    As in the fused kernel, the weights are computed again in the backward pass in place of being kept.
    """

    @staticmethod
    def forward(ctx, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """See `attention`."""
        shape = query.shape
        q, k, v = (x.reshape(-1, *shape[-2:]) for x in (query * shape[-1] ** -0.5, key, value))
        out = torch.empty_like(v)
        scores, weights = q.new_empty(2, shape[-2], shape[-2])
        for head in range(len(q)):
            torch.softmax(torch.mm(q[head], k[head].t(), out=scores), -1, out=weights)
            torch.mm(weights, v[head], out=out[head])
        ctx.save_for_backward(q, k, v)
        return out.view(shape)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Gradients of query, key and value."""
        q, k, v = ctx.saved_tensors
        shape, grad = grad.shape, grad.reshape(v.shape)
        grad_q, grad_k, grad_v = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        scores, weights = q.new_empty(2, shape[-2], shape[-2])
        for head in range(len(q)):
            torch.softmax(torch.mm(q[head], k[head].t(), out=scores), -1, out=weights)
            torch.mm(weights.t(), grad[head], out=grad_v[head])
            grad_scores = torch.mm(grad[head], v[head].t(), out=scores)
            # A row is read before it is written, so that it may be written in place.
            softmax_backward(grad_scores, weights, -1, weights.dtype, grad_input=grad_scores)
            torch.mm(grad_scores, k[head], out=grad_q[head])
            torch.mm(grad_scores.t(), q[head], out=grad_k[head])
        return (grad_q * shape[-1] ** -0.5).view(shape), grad_k.view(shape), grad_v.view(shape)


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
        qkv = self.qkv(tokens).unflatten(2, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
        return self.proj(attention(*qkv.unbind(0)).transpose(1, 2).flatten(2))
