import numpy as np
import pytest

from mdetools.contract import QUANTITIES, Quantity
from mdetools.visualization import class_palette, color_table, depth_panel, prediction_panel

GREY = [128, 128, 128]
IMAGE = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
RAMP = np.linspace(1, 5, 240 * 320, dtype=np.float32).reshape(1, 240, 320)
ALL = np.ones((240, 320), bool)


def tiles(panel, count):
    """The tiles of a panel of 4:3 images without bars between them."""
    return [panel[36:276, start : start + 320] for start in (10, 340, 670)[:count]]


@pytest.mark.parametrize("quantity", QUANTITIES.values(), ids=list(QUANTITIES))
def test_near_is_red_in_every_map(quantity):
    if quantity.picture != "map":
        assert quantity.name in ("logits", "scores")
        return
    image, shown = tiles(prediction_panel(IMAGE, RAMP, quantity), 2)
    assert np.array_equal(image, IMAGE)
    near, far = (shown[-1, -1], shown[0, 0]) if quantity.is_inverse else (shown[0, 0], shown[-1, -1])
    assert [near.tolist(), far.tolist()] == color_table("Spectral")[[0, 255]].tolist()


@pytest.mark.parametrize(("relative", "name"), [(False, "depth"), (True, "inverse_depth")])
def test_the_panel_of_depth_without_truth_is_that_of_its_quantity(relative, name):
    expected = prediction_panel(IMAGE, RAMP, QUANTITIES[name])
    assert np.array_equal(depth_panel(IMAGE, None, None, RAMP[0], relative=relative), expected)


def test_a_unit_is_written_at_the_bar():
    width = [prediction_panel(IMAGE, RAMP, Quantity("q", unit)).shape[1] for unit in ("", "px", "W/m2")]
    assert width[0] < width[1] < width[2]


def test_a_map_shares_the_truths_range_unless_its_scale_is_unknown():
    known = ALL.copy()
    known[:50] = False
    for relative in (False, True):
        panel = prediction_panel(IMAGE, 2 * RAMP, Quantity("q", relative=relative), RAMP, known)
        truth = tiles(panel, 2)[1]
        assert (truth[:50] == GREY).all() and not (truth[50:] == GREY).all(-1).any()
        own = prediction_panel(IMAGE, 2 * RAMP, Quantity("q", relative=True))[36:276, 340:]
        assert (own[:, :320] == panel[36:276, -own.shape[1] :][:, :320]).all() == relative
    shown = tiles(prediction_panel(IMAGE, 2 * RAMP, Quantity("q"), RAMP, known), 3)[2]
    assert (shown[-1] == color_table("Spectral")[255]).all()


def test_vectors_of_length_one_are_red_green_and_blue():
    vectors = np.random.default_rng(0).uniform(-1, 1, (3, 240, 320)).astype(np.float32)
    vectors[:, 0, 0] = np.nan
    vectors[:, 1, :2] = np.array([[-1, 1], [0, 1], [1, -1]])
    truth, known = vectors[:, ::-1], ALL.copy()
    known[200:] = False
    quantity = Quantity("normals", picture="vector")
    _, actual, shown = tiles(prediction_panel(IMAGE, vectors, quantity, np.nan_to_num(truth), known), 3)
    assert shown[0, 0].tolist() == GREY and (actual[200:] == GREY).all()
    assert shown[1, :2].tolist() == [[0, 128, 255], [255, 255, 0]]
    np.testing.assert_allclose(shown[2:], (vectors[:, 2:].transpose(1, 2, 0) + 1) / 2 * 255, atol=0.51)
    np.testing.assert_allclose(actual[:200], (truth[:, :200].transpose(1, 2, 0) + 1) / 2 * 255, atol=0.51)


@pytest.mark.parametrize("channels", [2, 3, 5])
def test_of_other_channels_the_first_is_drawn(channels):
    values = np.repeat(RAMP, channels, 0) * np.arange(1, channels + 1).reshape(-1, 1, 1)
    shown = tiles(prediction_panel(IMAGE, values, Quantity("q")), 2)[1]
    assert np.array_equal(shown, tiles(prediction_panel(IMAGE, RAMP, Quantity("q")), 2)[1])


def test_classes_are_the_most_likely_ones_in_their_colours():
    labels = np.random.default_rng(0).integers(0, 6, (240, 320))
    logits = np.where(np.arange(6).reshape(-1, 1, 1) == labels, 2.0, -1.0).astype(np.float32)
    logits[:, 5, 5] = np.nan
    target, known = np.roll(labels, 1, 0)[None], ALL.copy()
    known[:, :40], target[:, :, :40] = False, 255
    panel = prediction_panel(IMAGE, logits, QUANTITIES["logits"], target, known)
    _, actual, shown = tiles(panel, 3)
    finite = np.isfinite(logits[0])
    assert np.array_equal(shown[finite], class_palette()[labels[finite]]) and shown[5, 5].tolist() == GREY
    assert np.array_equal(actual[:, 40:], class_palette()[target[0, :, 40:]]) and (actual[:, :40] == GREY).all()
    wrong = panel[36:276, -330:-10]
    assert np.array_equal((wrong == (220, 20, 20)).all(-1)[finite], ((labels != target[0]) & known)[finite])
    assert (wrong[:, :40] == GREY).all()


@pytest.mark.parametrize("size", [(30, 40), (375, 1242), (600, 150)])
def test_any_size_of_image_prediction_and_truth(size):
    image = np.zeros((*size, 3), np.uint8)
    target = np.random.default_rng(0).integers(0, 3, (1, 50, 70))
    for truth, known in ((None, None), (target, target[0] < 2), (target, target[0] < 0)):
        panel = prediction_panel(image, np.zeros((3, 20, 30), np.float32), QUANTITIES["logits"], truth, known)
        assert panel.shape[0] == prediction_panel(image, RAMP, QUANTITIES["depth"], truth, known).shape[0]


def test_what_has_no_picture_has_none():
    assert prediction_panel(IMAGE, np.zeros(10, np.float32), QUANTITIES["scores"]) is None
