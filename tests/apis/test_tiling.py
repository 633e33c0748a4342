"""Tiles: what they cover, how they are fitted to the whole picture, and that no seam is left."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from support.user_errors import user_error

from mdetools.apis import DepthInferencer
from mdetools.apis.inference.tiling import blend_tiles, tile_starts
from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS


@pytest.mark.parametrize(("length", "tile"), [(1000, 400), (401, 400), (400, 400), (77, 400), (6000, 518), (700, 100)])
def test_tiles_cover_a_side_and_overlap_by_a_quarter(length, tile):
    starts = tile_starts(length, tile)
    covered = np.zeros(length, int)
    for start in starts:
        assert start >= 0 and (start + tile <= length or starts == [0])
        covered[start : start + tile] += 1
    assert covered.min() == 1 and starts == sorted(set(starts))
    assert all(after - before <= 0.75 * tile + 1 for before, after in zip(starts, starts[1:], strict=False))


def test_tiles_of_any_scale_and_shift_give_the_detail_of_the_truth():
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:150, :220]
    smooth = 3 + 0.01 * rows + 0.004 * columns
    truth = smooth + 0.2 * np.sin(rows / 2) * np.sin(columns / 3)
    image = np.repeat(truth[..., None], 3, axis=2)

    def predict(pictures):
        return [(picture[..., 0] * rng.uniform(0.3, 3) + rng.normal()).astype(np.float32) for picture in pictures]

    seen = []
    found = blend_tiles(image, smooth.astype(np.float32), 64, lambda all_: seen.append(len(all_)) or predict(all_), 5)
    assert max(seen) == 5 and sum(seen) == len(tile_starts(150, 64)) * len(tile_starts(220, 64))
    error = np.abs(found - truth)
    assert error.max() < 0.05 < np.abs(smooth - truth).max()
    steps = np.abs(np.diff(found - truth, axis=1)).max()
    assert steps < 0.01  # no seam


def test_a_tile_that_says_nothing_leaves_the_whole_pictures_map():
    coarse = np.linspace(1, 2, 100 * 120, dtype=np.float32).reshape(100, 120)
    for said in (0 * coarse[:64, :64], -coarse[:64, :64]):
        found = blend_tiles(np.zeros((100, 120, 3)), coarse, 64, lambda pictures, said=said: [said] * len(pictures))
        np.testing.assert_allclose(found, coarse, rtol=1e-5)


def test_an_inferencer_with_tiles_refines_larger_pictures_alone(tmp_path):
    import support.tiny_training  # noqa: F401  registers the architecture

    small = {
        "model.backbone.arch": "tiny",
        "model.backbone.out_indices": (0, 1, 2, 3),
        "model.head.features": 8,
        "model.head.out_channels": [8, 8, 8, 8],
        "test_dataloader.dataset.pipeline.resize.size": 28,
    }
    cfg: Config = load_config("configs/dav2/vits_nyu.py", small)
    torch.manual_seed(0)
    torch.save({"state_dict": MODELS.build(cfg.model).state_dict()}, tmp_path / "model.pth")
    image = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    plain = DepthInferencer(cfg, tmp_path / "model.pth", "cpu")
    tiled = DepthInferencer(cfg, tmp_path / "model.pth", "cpu", tiles=64)
    whole, (finer, same) = plain(image)[0].map, tiled([image, image[:60, :60]])
    assert finer.map.shape == (70, 90) and finer.image is None
    expected = blend_tiles(image, whole, 64, lambda pictures: [plain(picture)[0].map for picture in pictures])
    np.testing.assert_allclose(finer.map, expected, atol=1e-5)
    assert np.abs(finer.map - whole).max() > 1e-3
    np.testing.assert_array_equal(same.map, plain(image[:60, :60])[0].map)
    user_error(
        lambda: DepthInferencer(cfg, tmp_path / "model.pth", "cpu", tiles=5), "tiles is 5, expected a side of 64"
    )
