import numpy as np
import pytest
import torch
from support.devices import PretendedGPU

from mdetools.models.layers import position_embedding
from mdetools.models.layers.position_embedding import (
    resample_by_interpolation,
    resample_by_matrices,
    resample_pos_embed,
)


def cubic(x):
    """Keys' kernel with a = -0.75."""
    x, a = np.abs(x), -0.75
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    far = a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0))


def resample_axis(values, count, offset):
    """Output i lies at (i + 0.5) * side / (count + offset) - 0.5 of the old axis; cells outside repeat the border's."""
    side = len(values)
    at = (np.arange(count) + 0.5) * side / (count + offset) - 0.5
    result = np.zeros((count, *values.shape[1:]))
    for i, x in enumerate(at):
        for cell in range(int(np.floor(x)) - 1, int(np.floor(x)) + 3):
            result[i] += cubic(x - cell) * values[min(max(cell, 0), side - 1)]
    return result


@pytest.mark.parametrize("offset", [0.1, None])
@pytest.mark.parametrize(("side", "grid"), [(37, (37, 49)), (37, (10, 18)), (37, (10, 10)), (16, (37, 5))])
def test_resampling_equals_the_formula(side, grid, offset):
    embed = torch.randn(1, 1 + side * side, 6, generator=torch.Generator().manual_seed(0))
    cells = embed[0, 1:].double().numpy().reshape(side, side, 6)
    rows = resample_axis(cells, grid[0], offset or 0)
    expected = resample_axis(rows.transpose(1, 0, 2), grid[1], offset or 0).transpose(1, 0, 2)

    resampled = resample_pos_embed(embed, grid, offset)
    assert resampled.dtype == torch.float32
    assert torch.equal(resampled[:, 0], embed[:, 0])  # the class token's has no place
    np.testing.assert_allclose(resampled[0, 1:].numpy(), expected.reshape(-1, 6), rtol=0, atol=5e-5)


def test_resampling_with_and_without_the_offset_differ():
    embed = torch.randn(1, 1 + 37 * 37, 8, generator=torch.Generator().manual_seed(0))
    difference = resample_pos_embed(embed, (10, 10)) - resample_pos_embed(embed, (10, 10), offset=None)
    assert difference.abs().max() > 0.5


@pytest.mark.parametrize("offset", [0.1, None])
def test_own_grid_is_the_very_same_tensor(offset):
    embed = torch.randn(1, 1 + 37 * 37, 4)
    assert resample_pos_embed(embed, (37, 37), offset) is embed


GRIDS = [(37, (37, 49)), (37, (37, 10)), (37, (10, 18)), (37, (74, 20)), (16, (37, 5)), (5, (1, 1)), (4, (4, 3))]


@pytest.mark.parametrize("offset", [0.1, 0.5, None])
@pytest.mark.parametrize(("side", "grid"), GRIDS)
def test_matrices_equal_torchs_kernel(side, grid, offset):
    patches = torch.randn(1, 6, side, side, generator=torch.Generator().manual_seed(0))
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-5)):
        values = patches.to(dtype)
        found, expected = (way(values, grid, offset) for way in (resample_by_matrices, resample_by_interpolation))
        assert found.dtype == dtype and found.shape == (1, 6, *grid)
        torch.testing.assert_close(found, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("offset", [0.1, None])
def test_matrices_take_the_own_grid_as_it_is(offset):
    patches = torch.randn(1, 6, 37, 37, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(resample_by_matrices(patches, (37, 37), offset), patches, rtol=0, atol=1e-6)
    assert (resample_by_matrices(patches, (37, 38), 0.1)[..., :37] - patches).abs().max() > 0.1


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_one_exported_graph_for_all_grids(dtype):
    class Resample(torch.nn.Module):
        def forward(self, pos_embed, image):
            return resample_pos_embed(pos_embed, (image.shape[0], image.shape[1]))

    pos_embed = torch.randn(1, 1 + 7 * 7, 6, generator=torch.Generator().manual_seed(0)).to(dtype)
    free = {0: torch.export.Dim("rows", min=1), 1: torch.export.Dim("columns", min=1)}
    exported = torch.export.export(
        Resample(), (pos_embed, torch.zeros(5, 9)), dynamic_shapes={"pos_embed": None, "image": free}
    ).module()
    for grid in ((7, 7), (7, 9), (3, 7), (1, 1), (20, 6)):
        found, expected = exported(pos_embed, torch.zeros(grid)), resample_pos_embed(pos_embed, grid)
        assert found.dtype == dtype
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5 if dtype == torch.float32 else 2e-2)


def test_deterministic_algorithms_on_a_gpu_take_the_matrices(monkeypatch):
    """torch has no deterministic gradient of bicubic interpolation there; the CPU's is one."""
    taken = []
    for name, way in (("matrices", resample_by_matrices), ("interpolation", resample_by_interpolation)):
        monkeypatch.setattr(
            position_embedding,
            way.__name__,
            lambda *args, name=name, way=way: taken.append(name) or way(*args),
        )
    monkeypatch.setattr(torch, "are_deterministic_algorithms_enabled", lambda: True)
    gpu = PretendedGPU()
    embed = torch.randn(1, 1 + 37 * 37, 4)
    with gpu:
        pretended = resample_pos_embed(gpu.take(embed), (10, 18))
    assert pretended.shape == (1, 181, 4) and pretended.device.type == "cuda"
    found = resample_pos_embed(embed, (10, 18))
    assert taken == ["matrices", "interpolation"]
    assert resample_pos_embed(embed, (37, 37)) is embed
    monkeypatch.setattr(torch.Tensor, "is_cuda", True)
    torch.testing.assert_close(resample_pos_embed(embed, (10, 18)), found, rtol=0, atol=1e-5)
