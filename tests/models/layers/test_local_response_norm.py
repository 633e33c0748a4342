import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mdetools.models.layers.local_response_norm import local_response_norm

KRIZHEVSKY = dict(size=5, alpha=1e-4, beta=0.75, bias=2.0)
STRONG = dict(size=3, alpha=2.0, beta=0.6, bias=0.5)  # with the constants above the norm is close to linear


def maps(*shape):
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("settings", [KRIZHEVSKY, STRONG, dict(STRONG, size=1), dict(STRONG, size=7)])
def test_equals_the_formula(settings):
    x = maps(2, 5, 3, 4).double().numpy()
    size, alpha, beta, bias = settings.values()
    expected = np.empty_like(x)
    for c in range(5):
        around = x[:, max(c - size // 2, 0) : c + size // 2 + 1]
        expected[:, c] = x[:, c] / (bias + alpha / size * (around**2).sum(1)) ** beta
    found = local_response_norm(torch.from_numpy(x).float(), **settings)
    np.testing.assert_allclose(found.numpy(), expected, rtol=2e-6)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("settings", [KRIZHEVSKY, STRONG])
def test_agrees_with_torch_and_so_do_the_gradients(settings, memory_format):
    size, alpha, beta, bias = settings.values()
    outputs, gradients = [], []
    for norm in (local_response_norm, lambda x, **_: F.local_response_norm(x, size, alpha, beta, bias)):
        x = maps(2, 9, 6, 7).to(memory_format=memory_format).requires_grad_()
        out = norm(x, **settings)
        (out * torch.linspace(-1, 1, out.numel()).view_as(out)).sum().backward()
        outputs.append(out.detach())
        gradients.append(x.grad)
    torch.testing.assert_close(*outputs, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(*gradients, rtol=1e-5, atol=1e-6)


def test_bfloat16_is_computed_in_float32():
    """In bfloat16, 2 plus a small number is 2, and the norm would do nothing but scale."""
    x = (10 * maps(2, 9, 6, 7)).bfloat16().requires_grad_()
    exact = x.detach().double().requires_grad_()
    found, expected = local_response_norm(x), F.local_response_norm(exact, 5, 1e-4, 0.75, 2.0)
    found.float().sum().backward()
    expected.sum().backward()
    assert found.dtype == x.grad.dtype == torch.bfloat16
    torch.testing.assert_close(found.double(), expected, rtol=2**-8, atol=0)
    torch.testing.assert_close(x.grad.double(), exact.grad, rtol=2**-7, atol=0)
