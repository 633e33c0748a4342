import pytest
import torch
from timm.layers import Attention

from mdetools.models.backbones.attention import SelfAttention, attention


def formula(query, key, value):
    """Attention written out."""
    scores = torch.einsum("bhnd,bhmd->bhnm", query, key) / query.shape[-1] ** 0.5
    weights = scores.exp() / scores.exp().sum(-1, keepdim=True)
    return torch.einsum("bhnm,bhmd->bhnd", weights, value)


def relative_error(found, expected):
    return ((found.double() - expected).norm() / expected.norm()).item()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.bfloat16, 1e-2), (torch.float32, 1e-5)])
def test_output_and_gradients_against_the_formula_in_float64(dtype, tolerance):
    torch.manual_seed(0)
    # As a transformer gives them: views of one tensor, not contiguous.
    packed = torch.randn(2, 37, 3, 4, 16).to(dtype)
    gradient = torch.randn(2, 4, 37, 16).to(dtype)
    own, exact = packed.clone().requires_grad_(), packed.double().requires_grad_()
    found = attention(*own.permute(2, 0, 3, 1, 4).unbind(0))
    expected = formula(*exact.permute(2, 0, 3, 1, 4).unbind(0))
    found.backward(gradient)
    expected.backward(gradient.double())
    assert found.dtype == dtype
    assert relative_error(found, expected) < tolerance
    for part in range(3):  # query, key and value each
        assert relative_error(own.grad[:, :, part], exact.grad[:, :, part]) < tolerance


def test_the_module_is_timms_attention():
    torch.manual_seed(0)
    peer = Attention(32, num_heads=4, qkv_bias=True).eval()
    tokens = torch.randn(2, 11, 32)
    own = SelfAttention(peer)
    assert set(own.state_dict()) == set(peer.state_dict())
    torch.testing.assert_close(own(tokens), peer(tokens))
    with torch.autocast("cpu", torch.bfloat16):
        reduced = own(tokens)
    assert relative_error(reduced, peer(tokens).double()) < 2e-2
