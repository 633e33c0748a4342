import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view

from mdetools.errors import UserError
from mdetools.registry import BACKBONES
from mdetools.testing import check_backbone


@pytest.fixture(scope="module")
def alexnet():
    torch.manual_seed(0)
    return BACKBONES.build(dict(type="AlexNetFCN"))


def image(height, width):
    """As the paper normalises it."""
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(1)) - 0.5


def conv_relu(x, weight, bias, stride=1, pad=0):
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(x, weight.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    return np.maximum(np.tensordot(weight, windows, ([1, 2, 3], [0, 3, 4])) + bias[:, None, None], 0)


def norm(x):
    squares = np.pad(x**2, ((2, 2), (0, 0), (0, 0)))
    return x / (2 + 1e-4 / 5 * sum(squares[i : i + len(x)] for i in range(5))) ** 0.75


def pool(x):
    """Windows start at 0, 2, 4, ... until one reaches the last cell."""
    starts = [range(0, max(side - 2, 1) + (side % 2 == 0 and side > 2), 2) for side in x.shape[1:]]
    return np.stack([np.stack([x[:, i : i + 3, j : j + 3].max((1, 2)) for j in starts[1]], -1) for i in starts[0]], 1)


@pytest.mark.parametrize("size", [(39, 44), (71, 83), (90, 67)])
def test_equals_the_layers_written_out(alexnet, size):
    w = {name: value.double().numpy() for name, value in alexnet.state_dict().items()}

    def layer(x, number, **kwargs):
        return conv_relu(x, w[f"conv{number}.weight"], w[f"conv{number}.bias"], **kwargs)

    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for number in range(1, 7):  # biases of 0 would hide one that is left out
            bias = getattr(alexnet, f"conv{number}").bias
            bias.uniform_(-0.1, 0.1, generator=generator)
            w[f"conv{number}.bias"] = bias.double().numpy()
        found = alexnet(image(*size))
        for number in range(1, 7):
            getattr(alexnet, f"conv{number}").bias.zero_()

    first = norm(layer(image(*size)[0].double().numpy(), 1, stride=4))
    second = norm(layer(pool(first), 2, pad=2))
    fifth = layer(layer(layer(pool(second), 3, pad=1), 4, pad=1), 5, pad=1)
    for got, expected in zip(found, [first, second, fifth, pool(layer(fifth, 6, pad=2))], strict=True):
        assert expected.std() > 0.05
        np.testing.assert_allclose(got[0].numpy(), expected, rtol=1e-4, atol=1e-5)


def test_sizes_of_the_paper(alexnet):
    with torch.no_grad():
        maps = alexnet(image(188, 620))
    assert [tuple(map_.shape[1:]) for map_ in maps] == [(96, 45, 153), (256, 22, 76), (256, 11, 38), (2048, 5, 19)]


def test_the_start_keeps_the_scale_of_the_image(alexnet):
    """Each of the two norms multiplies by 2^-0.75 = 0.59, a pooling takes maxima; nothing dies out or explodes."""
    with torch.no_grad():
        maps = alexnet(image(94, 156))
    scale = image(94, 156).square().mean().sqrt()
    for map_ in maps:
        assert 0.3 < map_.square().mean().sqrt() / scale < 3
    assert not any(parameter.any() for name, parameter in alexnet.named_parameters() if name.endswith("bias"))


@pytest.mark.parametrize("size", [(39, 39), (96, 156)])
def test_battery(alexnet, size):
    check_backbone(alexnet, size, tolerance=2)


@pytest.mark.parametrize("size", [(38, 100), (100, 38)])
def test_an_image_too_small_is_named(alexnet, size):
    with pytest.raises(UserError, match=rf"got an image of {size[0]}x{size[1]}; both sides must be at least 39"):
        alexnet(image(*size))
