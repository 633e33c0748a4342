import sys

import pytest
import torch
import torch.nn.functional as F
from timm.layers import Attention

from mdetools.errors import UserError
from mdetools.models.layers.attention import MANY_TOKENS, SelfAttention, attention, fused_attention


def formula(qkv):
    """Attention written out."""
    query, key, value = qkv.permute(2, 0, 3, 1, 4)
    scores = torch.einsum("bhnd,bhmd->bhnm", query, key) / query.shape[-1] ** 0.5
    weights = (scores - scores.amax(-1, keepdim=True)).exp()
    return torch.einsum("bhnm,bhmd->bnhd", weights / weights.sum(-1, keepdim=True), value).flatten(2)


def relative_error(found, expected):
    return ((found.double() - expected).norm() / expected.norm()).item()


@pytest.mark.parametrize("tokens", [MANY_TOKENS - 1, MANY_TOKENS])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.bfloat16, 1e-2), (torch.float32, 1e-5)])
def test_output_and_gradients_against_the_formula_in_float64(dtype, tolerance, tokens):
    torch.manual_seed(0)
    qkv = torch.randn(2, tokens, 3, 4, 16).to(dtype)
    gradient = torch.randn(2, tokens, 64).to(dtype)
    own, exact = qkv.clone().requires_grad_(), qkv.double().requires_grad_()
    found, expected = attention(own), formula(exact)
    found.backward(gradient)
    expected.backward(gradient.double())
    assert found.dtype == dtype
    assert relative_error(found, expected) < tolerance
    for part in range(3):  # query, key and value each
        assert relative_error(own.grad[:, :, part], exact.grad[:, :, part]) < tolerance


@pytest.mark.parametrize("score", [-200, -60, 60, 200], ids="all scores near {}".format)
def test_scores_at_which_exponents_alone_leave_the_range(score):
    """2 ** (200 / ln 2) overflows bfloat16, and 2 ** (-200 / ln 2) is 0: a row of zeros would give NaN."""
    torch.manual_seed(0)
    qkv = torch.randn(1, MANY_TOKENS, 3, 2, 16)
    qkv[:, :, 0, :, 0] = 4.0 * abs(score) / score
    qkv[:, :, 1, :, 0] = float(abs(score))  # 16 channels: the product is divided by 4
    # Scores of 60 are rounded by up to an eighth; those of 200 are left to the fused kernel, which keeps float32.
    tolerance = 1e-2 if abs(score) == 200 else 0.2
    gradient = torch.randn(1, MANY_TOKENS, 32).bfloat16()
    own, exact = qkv.bfloat16().requires_grad_(), qkv.bfloat16().double().requires_grad_()
    found, expected = attention(own), formula(exact)
    found.backward(gradient)
    expected.backward(gradient.double())
    assert relative_error(found, expected) < tolerance
    for part in (1, 2):  # the query's gradient is all but 0 here
        assert relative_error(own.grad[:, :, part], exact.grad[:, :, part]) < tolerance


def test_an_empty_batch():
    assert attention(torch.empty(0, MANY_TOKENS, 3, 2, 16, dtype=torch.bfloat16)).shape == (0, MANY_TOKENS, 32)


@pytest.mark.parametrize("tokens", [MANY_TOKENS - 1, MANY_TOKENS])
def test_sdpa_is_torchs_kernel_always(tokens):
    torch.manual_seed(0)
    source = Attention(64, num_heads=4, qkv_bias=True).eval().bfloat16()
    x = (3 * torch.randn(2, tokens, 64)).bfloat16()
    query, key, value = source.qkv(x).view(2, tokens, 3, 4, 16).permute(2, 0, 3, 1, 4)
    expected = source.proj(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(2, tokens, 64))
    assert torch.equal(SelfAttention(source, "sdpa")(x), expected)
    assert not torch.equal(SelfAttention(source)(x), expected)


@pytest.mark.parametrize("tokens", [MANY_TOKENS - 1, MANY_TOKENS])
def test_graphs_take_torchs_kernel(tokens):
    """An exported, traced or compiled model has no choice that depends on this machine, and no function of ours."""
    torch.manual_seed(0)
    qkv = torch.randn(1, tokens, 3, 2, 16).bfloat16().requires_grad_()

    class Module(torch.nn.Module):
        def forward(self, qkv):
            return attention(qkv)

    graphs = [
        torch.export.export(Module(), (qkv,)).module(),
        torch.jit.trace(Module(), (qkv,), check_trace=False),
        torch.compile(Module(), backend="eager", fullgraph=True),
    ]
    assert not torch.equal(attention(qkv), fused_attention(qkv))
    for graph in graphs:
        assert torch.equal(graph(qkv), fused_attention(qkv))


@pytest.mark.parametrize("amx", [True, False])
def test_without_a_backward_pass_the_processor_decides(monkeypatch, amx):
    monkeypatch.setattr(sys.modules[attention.__module__], "AMX", amx)
    qkv = torch.randn(1, MANY_TOKENS, 3, 2, 16, generator=torch.Generator().manual_seed(0)).bfloat16()
    assert torch.equal(attention(qkv), fused_attention(qkv)) == amx
    assert relative_error(attention(qkv), formula(qkv.double())) < 1e-2
    with torch.no_grad():
        assert torch.equal(attention(qkv.requires_grad_()), fused_attention(qkv)) == amx
    assert not torch.equal(attention(qkv), fused_attention(qkv))


def test_no_such_kernel():
    with pytest.raises(UserError, match="attention is 'spda'; did you mean 'sdpa'"):
        SelfAttention(Attention(8, num_heads=2), "spda")


@pytest.mark.parametrize("kernel", ["auto", "sdpa"])
def test_the_module_is_timms_attention(kernel):
    torch.manual_seed(0)
    peer = Attention(32, num_heads=4, qkv_bias=True).eval()
    tokens = torch.randn(2, 11, 32)
    own = SelfAttention(peer, kernel)
    assert set(own.state_dict()) == set(peer.state_dict())
    torch.testing.assert_close(own(tokens), peer(tokens))
    with torch.autocast("cpu", torch.bfloat16):
        reduced = own(tokens)
    assert relative_error(reduced, peer(tokens).double()) < 2e-2
