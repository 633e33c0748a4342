"""Which panel a prediction gets, and what it is drawn from."""

import numpy as np
import pytest
import torch
from support.panel_batch import BASELINE, FOCAL, SIZE, TRUTH_SIZE, arrays, stereo_batch, without

from mdetools.contract import FIELDS, QUANTITIES, Field, Quantity
from mdetools.engine.panels import compared_maps, image_disparity, panel_of
from mdetools.evaluation import DEPTH_ERRORS, PROTOCOLS, SegmentationMetric, evaluate_image
from mdetools.visualization import color_table, depth_panel, layout, prediction_panel, stereo_panel

GARG = PROTOCOLS["kitti_garg_80"]


def inside_garg(mask):
    """Garg et al.'s crop, written out."""
    (height, width), inside = mask.shape, np.zeros_like(mask)
    rows = slice(int(0.40810811 * height), int(0.99189189 * height))
    inside[rows, int(0.03594771 * width) : int(0.96405229 * width)] = True
    return mask & inside


@pytest.mark.parametrize("index", [0, 1])
def test_a_pair_gets_the_stereo_panel_with_the_disparity_of_the_image_shown(index):
    batch = stereo_batch()
    prediction = {"depth": torch.full((1, *TRUTH_SIZE), 8.0)}
    disparity = np.full(SIZE, [80 * 0.5 / 8, 160 * 1.0 / 8][index], np.float32)
    truth = np.full(TRUTH_SIZE, 8, np.float32)
    maps = arrays(batch, index, "image", "image_right", "depth", "valid_mask")
    expected = stereo_panel(*maps, truth, disparity, counted=inside_garg(maps[-1]))
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
        image_disparity({"depth": depth}, sample), np.tile(2 + 0.05 * np.arange(SIZE[1]), (SIZE[0], 1)), rtol=1e-5
    )


def test_the_disparity_that_the_model_predicts_is_the_one_that_is_drawn():
    """A negative one too, of which the depth shows nothing."""
    sample = {key: stereo_batch()[key][0] for key in ("image", "intrinsics", "baseline")}
    predicted = {"disparity": torch.full((1, 2 * SIZE[0], 2 * SIZE[1]), -3.0), "depth": torch.full((1, 4, 5), 1000.0)}
    np.testing.assert_allclose(image_disparity(predicted, sample), np.full(SIZE, -1.5))


@pytest.mark.parametrize("missing", ["image_right", "intrinsics", "baseline"])
def test_what_is_no_calibrated_pair_gets_the_usual_panel(missing):
    batch = without(stereo_batch(), missing)
    prediction = {"depth": torch.full((1, *TRUTH_SIZE), 200.0)}
    maps = arrays(batch, 1, "image", "depth", "valid_mask")
    expected = depth_panel(*maps, np.full(TRUTH_SIZE, 80.0, np.float32), counted=inside_garg(maps[-1]))
    assert np.array_equal(panel_of(batch, 1, prediction, GARG), expected)


def test_relative_predictions_are_aligned_or_without_ground_truth_shown_as_they_are():
    batch = stereo_batch()
    depth = torch.where(batch["valid_mask"], batch["depth"], 10.0)[0]
    image, truth, mask = arrays(batch, 0, "image", "depth", "valid_mask")
    for key in ("inverse_depth", "disparity"):
        relative = {key: 3 / depth + 0.2}
        shown = panel_of(batch, 0, relative, PROTOCOLS["kitti_garg_80_lstsq_disparity"])
        aligned = depth_panel(image, truth, mask, depth[0].numpy(), relative=True, counted=inside_garg(mask))
        assert shown.shape == aligned.shape and np.abs(shown.astype(int) - aligned).max() <= 8
        unlabelled = panel_of(without(batch, "depth", "valid_mask"), 0, relative, None)
        expected = prediction_panel(image, relative[key].numpy(), QUANTITIES[key])
        assert np.array_equal(unlabelled, expected)


def test_without_a_protocol_metres_are_shown_with_ground_truth_and_relative_depth_without():
    batch, depth = without(stereo_batch(), "image_right"), torch.full((1, *TRUTH_SIZE), 200.0)
    image, truth, mask = arrays(batch, 0, "image", "depth", "valid_mask")
    assert np.array_equal(panel_of(batch, 0, {"depth": depth}, None), depth_panel(image, truth, mask, depth[0].numpy()))
    relative = panel_of(batch, 0, {"inverse_depth": depth}, None)
    assert np.array_equal(relative, depth_panel(image, None, None, depth[0].numpy(), relative=True))


def photograph(height=48, width=64, seed=0):
    """A batch of one image with nothing else."""
    image = np.random.default_rng(seed).integers(0, 256, (1, 3, height, width), dtype=np.uint8)
    return {"image": torch.tensor(image), "meta": {"id": ["one"]}}


@pytest.fixture
def titles(monkeypatch):
    """The titles of the tiles that are drawn."""
    drawn = []
    monkeypatch.setattr(layout, "draw_text", lambda canvas, text, *at: drawn.append(text))
    return drawn


@pytest.mark.parametrize("name", ["nyu_eigen", "kitti_garg_80", "nyu_lstsq_disparity", "kitti_garg_80_lstsq_disparity"])
@pytest.mark.parametrize("stereo", [True, False])
def test_the_panels_error_is_the_metrics(titles, name, stereo):
    """Outside the crop, and where the truth is beyond the caps, the prediction is wrong by a factor of three."""
    protocol = PROTOCOLS[name]
    size = (480, 640) if name.startswith("nyu") else (375, 1242)
    rng = np.random.default_rng(0)
    depth = rng.uniform(1, 1.3 * protocol.max_depth, size).astype(np.float32)
    counts = np.zeros(size, bool)
    counts[protocol.window(*size)] = True
    counts &= depth < protocol.max_depth
    predicted = depth * np.where(counts, rng.uniform(0.9, 1.3, size), 3).astype(np.float32)
    valid_mask = rng.random(size) < 0.5
    batch = {
        **photograph(*size),
        "depth": torch.tensor(depth * valid_mask)[None, None],
        "valid_mask": torch.tensor(valid_mask)[None, None],
        "intrinsics": torch.tensor([[[FOCAL, 0, 80], [0, FOCAL, 24], [0, 0, 1]]]),
        "baseline": torch.tensor([BASELINE]),
    }
    relative = protocol.alignment == "lstsq_disparity"
    prediction = {"depth": torch.tensor(predicted)[None]}
    if relative and not stereo:
        prediction = {"inverse_depth": 5 / prediction["depth"] + 1}
    if stereo:
        batch["image_right"] = batch["image"]
    panel_of(batch, 0, prediction, protocol)
    (error,) = [title for title in titles if title.startswith("Abs. rel. error")]
    row = evaluate_image(prediction, batch["depth"][0], batch["valid_mask"][0], protocol)
    assert error == f"Abs. rel. error, mean {row[DEPTH_ERRORS.index('abs_rel')]:.3f}"
    scored = counts & valid_mask
    assert row[-1] == scored.sum() and 0.05 < scored.mean() < 0.45
    # What it would be over all valid pixels.
    everywhere = np.abs(np.clip(predicted, 0, protocol.max_depth) - depth)[valid_mask] / depth[valid_mask]
    assert abs(everywhere.mean() - float(error.split()[-1])) > 0.01
    shown, truth, known, counted = compared_maps(
        prediction, {key: batch[key][0] for key in ("depth", "valid_mask")}, protocol
    )
    assert (
        np.array_equal(counted, scored) and np.array_equal(known, valid_mask) and np.array_equal(truth, depth * known)
    )
    if not relative:
        np.testing.assert_array_equal(shown, np.clip(predicted, protocol.min_depth, protocol.max_depth))


def test_the_error_is_drawn_where_the_protocol_counts_and_the_truth_everywhere():
    size = (480, 640)
    depth = torch.full((1, 1, *size), 4.0)
    batch = {**photograph(*size), "depth": depth, "valid_mask": torch.ones_like(depth, dtype=torch.bool)}
    panel = panel_of(batch, 0, {"depth": 1.15 * depth[0]}, PROTOCOLS["nyu_eigen"])
    titled = panel[36:276]
    truth = titled[:, 340:660]
    assert not (truth == 128).all(-1).any()
    half = np.abs(titled.astype(int) - color_table("magma")[round(255 * 0.15 / 0.3)]).max(-1) <= 3
    inside = np.flatnonzero(half.sum(0) > 200)  # the columns of the error's tile, not those of its bar
    rows = np.flatnonzero(half[:, inside[0]])
    assert (rows[0], rows[-1]) == (22, 235)  # rows 45..470 of 480, at half the size
    assert len(inside) == inside[-1] - inside[0] + 1 == 281  # columns 41..600 of 640, the outer ones by half


def test_a_mixed_batch_draws_each_image_by_what_it_has():
    """As collation fills it: no depth is 0 and False, no camera NaN, no right image black."""
    batch = stereo_batch()
    for key, hole in (
        ("image_right", 0),
        ("depth", 0),
        ("valid_mask", 0),
        ("intrinsics", np.nan),
        ("baseline", np.nan),
    ):
        batch[key][1] = hole
    depth = torch.full((1, *TRUTH_SIZE), 8.0)
    disparity = {"disparity": 40 / depth}
    pair = panel_of(batch, 0, {**disparity, "depth": depth}, GARG)
    alone = panel_of(batch, 1, disparity, GARG)
    assert pair.shape[0] > 1.4 * alone.shape[0]  # two rows of smaller tiles
    expected = prediction_panel(*arrays(batch, 1, "image"), disparity["disparity"].numpy(), QUANTITIES["disparity"])
    assert np.array_equal(alone, expected)
    (image,) = arrays(batch, 1, "image")
    assert np.array_equal(panel_of(batch, 1, {"depth": depth}, GARG), depth_panel(image, None, None, depth[0].numpy()))
    batch["intrinsics"][1], batch["baseline"][1] = batch["intrinsics"][0], BASELINE  # a camera, but still no pair
    assert np.array_equal(panel_of(batch, 1, {"depth": depth}, GARG), depth_panel(image, None, None, depth[0].numpy()))


def test_classes_are_compared_with_the_semantic_map_where_it_is_known(titles):
    semantic = torch.arange(4).repeat_interleave(16).expand(1, 1, 48, 64).clone()
    semantic[..., :12, :] = 255
    logits = torch.nn.functional.one_hot(torch.full((48, 64), 2), 5).permute(2, 0, 1).float()
    batch = {**photograph(), "semantic": semantic}
    panel = panel_of(batch, 0, {"logits": logits}, None)
    assert titles == ["Image", "Ground truth", "Prediction", "Wrong pixels: 75.0 %"]
    (image,) = arrays(batch, 0, "image")
    known = semantic[0, 0].numpy() != 255
    expected = prediction_panel(image, logits.numpy(), QUANTITIES["logits"], semantic[0].numpy(), known)
    assert np.array_equal(panel, expected)
    unlabelled = {**batch, "semantic": torch.full_like(semantic, 255)}
    expected = prediction_panel(image, logits.numpy(), QUANTITIES["logits"])
    assert np.array_equal(panel_of(unlabelled, 0, {"logits": logits}, GARG), expected)
    assert np.array_equal(panel_of(photograph(), 0, {"logits": logits}, None), expected)


def test_the_share_of_wrong_pixels_is_that_of_the_metric(titles):
    """The panel is of the very map that was scored."""
    generator = torch.Generator().manual_seed(0)
    semantic = torch.randint(0, 5, (1, 1, 48, 64), generator=generator)
    semantic[..., :7] = 255
    logits = torch.randn(5, 48, 64, generator=generator)
    batch, metric = {**photograph(), "semantic": semantic}, SegmentationMetric()
    metric.process(batch, [{"logits": logits}])
    right = metric.evaluate(1)["pixel_accuracy"]
    panel_of(batch, 0, {"logits": logits}, None, ["wall", "floor", "chair", "bed", "lamp"])
    assert titles[-1] == f"Wrong pixels: {100 * (1 - right):.1f} %" and 0.7 < 1 - right < 0.9


def test_scores_are_not_drawn():
    assert panel_of({**photograph(), "label": torch.tensor([3])}, 0, {"scores": torch.rand(10)}, None) is None


def test_a_plugins_map_is_drawn_beside_its_field(titles, monkeypatch):
    monkeypatch.setitem(QUANTITIES, "normals", Quantity("normals", picture="vector"))
    monkeypatch.setitem(FIELDS, "normals", Field("map", torch.float32, "3HW", mirror=(-1, 1, 1)))
    normals = torch.nn.functional.normalize(torch.randn(1, 3, 48, 64, generator=torch.Generator().manual_seed(0)))
    truth = normals.clone()
    truth[..., :10] = torch.nan
    panel_of({**photograph(), "normals": truth}, 0, {"normals": normals[0]}, None)
    panel_of({**photograph(), "normals": torch.full_like(truth, torch.nan)}, 0, {"normals": normals[0]}, None)
    monkeypatch.setitem(QUANTITIES, "normals", Quantity("normals"))
    panel_of({**photograph(), "normals": truth}, 0, {"normals": normals[0]}, None)
    assert titles == [
        *("Image", "Ground truth", "Prediction"),
        *("Image", "Prediction"),
        *("Image", "Ground truth", "Prediction, channel 1 of 3"),
    ]
