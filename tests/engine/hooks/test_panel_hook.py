"""Which panel a batch gets, and what it is drawn from."""

import logging
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator

from mdetools.engine.hooks.panel_hook import DepthPanelHook, SavePanelsHook, image_disparity, panel_of, spread
from mdetools.evaluation import PROTOCOLS, DepthMetric
from mdetools.visualization import depth_panel, stack_panels, stereo_panel

GARG = PROTOCOLS["kitti_garg_80"]
FOCAL, BASELINE, SIZE, TRUTH_SIZE = 80.0, 0.5, (48, 160), (96, 320)


def stereo_batch():
    """Two pairs with sparse ground truth of twice their size."""
    rng = np.random.default_rng(0)
    images = torch.tensor(rng.integers(0, 256, (2, 2, 3, *SIZE), dtype=np.uint8))
    depth = torch.tensor(rng.uniform(4, 60, (2, 1, *TRUTH_SIZE)), dtype=torch.float32)
    valid_mask = torch.tensor(rng.random(depth.shape) < 0.05)
    intrinsics = torch.tensor([[FOCAL, 0, 80], [0, FOCAL, 24], [0, 0, 1]])
    return {
        "image": images[0],
        "image_right": images[1],
        "depth": depth * valid_mask,
        "valid_mask": valid_mask,
        "intrinsics": torch.stack([intrinsics, intrinsics * torch.tensor([[2.0], [2], [1]])]),
        "baseline": torch.tensor([BASELINE, 2 * BASELINE]),
        "meta": {"id": ["2011_09_26/drive_0001_sync 7 l", "2011_09_26/drive_0001_sync 8 l"]},
    }


def without(batch, *keys):
    return {key: value for key, value in batch.items() if key not in keys}


def arrays(batch, index, *keys):
    return [batch[key][index].permute(1, 2, 0).numpy().squeeze() for key in keys]


@pytest.mark.parametrize("index", [0, 1])
def test_a_pair_gets_the_stereo_panel_with_the_disparity_of_the_image_shown(index):
    batch = stereo_batch()
    prediction = {"depth": torch.full((1, *TRUTH_SIZE), 8.0)}
    disparity = np.full(SIZE, [80 * 0.5 / 8, 160 * 1.0 / 8][index], np.float32)
    truth = np.full(TRUTH_SIZE, 8, np.float32)
    expected = stereo_panel(*arrays(batch, index, "image", "image_right", "depth", "valid_mask"), truth, disparity)
    assert np.array_equal(panel_of(batch, index, prediction, GARG), expected)
    unlabelled = panel_of(without(batch, "depth", "valid_mask"), index, prediction, GARG)
    expected = stereo_panel(*arrays(batch, index, "image", "image_right"), None, None, truth, disparity)
    assert np.array_equal(unlabelled, expected)


@pytest.mark.parametrize("scale", [1, 2])
def test_disparity_of_the_image_from_depth_of_another_size(scale):
    batch = stereo_batch()
    sample = {key: batch[key][0] for key in ("image", "intrinsics", "baseline")}
    x = (np.arange(SIZE[1] * scale) + 0.5) / scale - 0.5  # of the image's pixels, whose centres are whole numbers
    slope = 2 + 0.05 * x  # pixels of the image
    depth = torch.tensor(FOCAL * BASELINE / slope, dtype=torch.float32).expand(1, SIZE[0] * scale, -1)
    np.testing.assert_allclose(
        image_disparity(depth, sample), np.tile(2 + 0.05 * np.arange(SIZE[1]), (SIZE[0], 1)), rtol=1e-5
    )


@pytest.mark.parametrize("missing", ["image_right", "intrinsics", "baseline"])
def test_what_is_no_calibrated_pair_gets_the_usual_panel(missing):
    batch = without(stereo_batch(), missing)
    prediction = {"depth": torch.full((1, *TRUTH_SIZE), 200.0)}
    expected = depth_panel(*arrays(batch, 1, "image", "depth", "valid_mask"), np.full(TRUTH_SIZE, 80.0, np.float32))
    assert np.array_equal(panel_of(batch, 1, prediction, GARG), expected)


def test_relative_predictions_are_aligned_or_without_ground_truth_shown_as_they_are():
    batch = stereo_batch()
    depth = torch.where(batch["valid_mask"], batch["depth"], 10.0)[0]
    image, truth, mask = arrays(batch, 0, "image", "depth", "valid_mask")
    for key in ("inverse_depth", "disparity"):
        relative = {key: 3 / depth + 0.2}
        shown = panel_of(batch, 0, relative, PROTOCOLS["kitti_garg_80_lstsq_disparity"])
        aligned = depth_panel(image, truth, mask, depth[0].numpy(), relative=True)
        assert shown.shape == aligned.shape and np.abs(shown.astype(int) - aligned).max() <= 8
        unlabelled = panel_of(without(batch, "depth", "valid_mask"), 0, relative, None)
        assert np.array_equal(unlabelled, depth_panel(image, None, None, relative[key][0].numpy(), relative=True))


def pictures_of(batch, metrics, folder):
    """What the two hooks show and write of a batch, by name."""
    shown = {}
    runner = SimpleNamespace(
        val_dataloader=[batch],
        val_evaluator=Evaluator(metrics),
        test_evaluator=Evaluator(metrics),
        test_dataloader=SimpleNamespace(sampler=range(2)),
        visualizer=SimpleNamespace(add_image=lambda name, panel, step: shown.update({(name, step): panel})),
        iter=12,
    )
    outputs = [{"depth": torch.full((1, *TRUTH_SIZE), 8.0)}] * 2
    DepthPanelHook(images=1).after_val_iter(runner, 0, batch, outputs)
    SavePanelsHook(str(folder)).after_test_iter(runner, 0, batch, outputs)
    written = {path.name: cv2.imread(str(path))[..., ::-1] for path in folder.glob("*.png")}
    return shown, written


@pytest.mark.parametrize("labelled", [True, False])
def test_the_hooks_draw_stereo_panels_with_and_without_ground_truth(tmp_path, labelled):
    batch = stereo_batch() if labelled else without(stereo_batch(), "depth", "valid_mask")
    shown, written = pictures_of(batch, [DepthMetric("kitti_garg_80")] if labelled else [], tmp_path)
    prediction = {"depth": torch.full((1, *TRUTH_SIZE), 8.0)}
    panels = [panel_of(batch, index, prediction, GARG) for index in range(2)]
    assert list(shown) == [("val_2011_09_26_drive_0001_sync_7_l", 12)]
    assert np.array_equal(*shown.values(), panels[0])
    assert sorted(written) == ["2011_09_26_drive_0001_sync_7_l.png", "2011_09_26_drive_0001_sync_8_l.png"]
    for name, panel in zip(sorted(written), panels, strict=True):
        assert np.array_equal(written[name], panel)


def test_without_a_protocol_metres_are_shown_with_ground_truth_and_relative_depth_without():
    batch, depth = without(stereo_batch(), "image_right"), torch.full((1, *TRUTH_SIZE), 200.0)
    image, truth, mask = arrays(batch, 0, "image", "depth", "valid_mask")
    assert np.array_equal(panel_of(batch, 0, {"depth": depth}, None), depth_panel(image, truth, mask, depth[0].numpy()))
    relative = panel_of(batch, 0, {"inverse_depth": depth}, None)
    assert np.array_equal(relative, depth_panel(image, None, None, depth[0].numpy(), relative=True))


@pytest.mark.parametrize(
    ("count", "length", "positions"),
    [(4, 4, {0, 1, 2, 3}), (4, 9, {0, 2, 4, 6}), (6, 20, {0, 3, 6, 10, 13, 16}), (6, 2, {0, 1}), (0, 5, set())],
)
def test_chosen_images_are_spread_evenly(count, length, positions):
    assert spread(count, length) == positions


def test_the_overview_shows_images_from_all_over_the_test_set(tmp_path):
    runner = SimpleNamespace(
        test_evaluator=Evaluator([]),
        test_dataloader=SimpleNamespace(sampler=range(9)),
        logger=logging.getLogger("test"),
    )
    hook, depth = SavePanelsHook(str(tmp_path), overview=3), torch.full((1, *TRUTH_SIZE), 8.0)
    batch = without(stereo_batch(), "image_right", "depth", "valid_mask")
    panels = []
    for number in range(5):  # of two images each; the last is cut to nine in all
        batch = {**batch, "image": torch.full_like(batch["image"], 40 * number)}
        hook.after_test_iter(runner, number, batch, [{"depth": depth}] * (2 if number < 4 else 1))
        panels += [panel_of(batch, index, {"depth": depth}, None) for index in range(2)]
    hook.after_test_epoch(runner)
    overview = cv2.imread(str(tmp_path / "overview.png"))[..., ::-1]
    assert np.array_equal(overview, stack_panels([panels[0], panels[3], panels[6]]))
