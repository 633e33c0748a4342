"""Windows of an image, and the image at several sizes: against sums written out, for every quantity that has a unit."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from support.models import loader_batch, small_estimator
from support.user_errors import user_error

from mdetools.models.postprocess import average_scales, predict_in_windows, window_starts
from mdetools.registry import MODELS
from mdetools.testing import example_targets

CLASSES = 3
IMAGE = torch.randn(2, 3, 40, 60, generator=torch.Generator().manual_seed(0))


def run_logits(image):
    """Three classes by the image's colours at half of its size, and what a window's mean says: not local."""
    values = F.avg_pool2d(image, 2) + image.mean((2, 3), keepdim=True)
    return {"logits": values, "features": [image]}


def segmenter(**options):
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type="Estimator",
            backbone=dict(type="DINOv2", arch="tiny", out_indices=(0, 1, 2, 3)),
            head=dict(
                type="DPTHead",
                features=8,
                out_channels=(8, 8, 8, 8),
                num_outputs=CLASSES,
                output=dict(type="Logits"),
            ),
            **options,
        )
    ).eval()


@pytest.mark.parametrize("length", [7, 20, 33, 100])
@pytest.mark.parametrize("window", [7, 20])
@pytest.mark.parametrize("overlap", [0, 0.3, 0.5])
def test_windows_cover_a_side_evenly(length, window, overlap):
    starts = window_starts(length, window, overlap)
    covered = sorted({at for start in starts for at in range(start, min(start + window, length))})
    assert covered == list(range(length)) and starts[0] == 0 and starts[-1] == max(length - window, 0)
    steps = np.diff(starts)
    assert not len(steps) or steps.max() <= max((1 - overlap) * window, 1) + 1 and steps.max() - steps.min() <= 1


def test_windows_written_out():
    found = predict_in_windows(run_logits, IMAGE, (24, 60), overlap=0.25)
    assert list(found) == ["logits"]
    total, counts = np.zeros((2, 3, 40, 60)), np.zeros((40, 60))
    for top in (0, 16):
        window = IMAGE[:, :, top : top + 24]
        values = F.interpolate(run_logits(window)["logits"], (24, 60), mode="bilinear", align_corners=False)
        total[:, :, top : top + 24] += values.double().numpy()
        counts[top : top + 24] += 1
    assert set(counts.flatten()) == {1, 2}
    np.testing.assert_allclose(found["logits"], total / counts, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [(40, 60), (64, 64)])
def test_one_window_is_the_whole_image(size):
    whole, found = run_logits(IMAGE)["logits"], predict_in_windows(run_logits, IMAGE, size)["logits"]
    assert torch.equal(found, whole)


@pytest.mark.parametrize("flip", [None, "mean"])
def test_one_window_is_the_whole_image_to_the_bit_in_a_model(flip):
    batch = loader_batch((28, 42))
    with torch.no_grad():
        whole, found = (segmenter(flip_test=flip, **more).test_step(batch) for more in ({}, dict(window_test=ONE)))
    assert all(torch.equal(one["logits"], other["logits"]) for one, other in zip(whole, found, strict=True))


ONE = dict(size=42)


def test_scales_written_out():
    found = average_scales(run_logits, IMAGE, (0.5, 1.0, 1.5), multiple_of=4)["logits"]
    expected = []
    for size in ((20, 32), (40, 60), (60, 88)):  # halves to even: 7.5 units are 8, 22.5 are 22
        view = IMAGE if size == (40, 60) else F.interpolate(IMAGE, size, mode="bilinear", antialias=True)
        expected.append(F.interpolate(run_logits(view)["logits"], (40, 60), mode="bilinear").double().numpy())
    np.testing.assert_allclose(found, np.mean(expected, 0), rtol=1e-5, atol=1e-6)


def test_disparity_is_in_pixels_of_the_image_in_windows_and_at_other_sizes():
    """A pair whose points all move by a tenth of the width of the whole image; the model knows no window's place."""

    def run(image):  # half of the image's size, in pixels of its own
        moved = image.mean(1, keepdim=True)[..., ::2, ::2]
        return {"disparity": torch.full_like(moved, 3.0)}

    windows = predict_in_windows(run, IMAGE, (40, 20))["disparity"]
    assert windows.shape == (2, 1, 40, 60) and torch.allclose(windows, torch.tensor(6.0))

    def of_width(image):
        return {"disparity": torch.full_like(image[:, :1], image.shape[-1] / 10)}

    assert torch.allclose(average_scales(of_width, IMAGE, (0.5, 1, 2))["disparity"], torch.tensor(6.0))


def test_in_a_model_windows_are_cut_from_each_size_and_mirrored():
    model = segmenter(flip_test="mean", scale_test=[1, 2], window_test=dict(size=(28, 28), overlap=0.5))
    image = torch.randn(1, 3, 28, 42, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        (found,) = model(image, mode="predict")
        expected = 0
        for size in ((28, 42), (56, 84)):
            view = image if size == (28, 42) else F.interpolate(image, size, mode="bilinear", antialias=True)
            for flips in (False, True):
                seen = view.flip(-1) if flips else view
                total, counts = torch.zeros(1, CLASSES, *size), torch.zeros(size)
                for top in range(0, size[0] - 27, 14):
                    for left in range(0, size[1] - 27, 14):
                        window = seen[..., top : top + 28, left : left + 28]
                        total[..., top : top + 28, left : left + 28] += model(window)["logits"]
                        counts[top : top + 28, left : left + 28] += 1
                values = total / counts
                values = values.flip(-1) if flips else values
                expected = expected + F.interpolate(values, (28, 42), mode="bilinear", align_corners=False) / 4
    torch.testing.assert_close(found["logits"], expected[0])


def test_scores_of_an_image_are_averaged_over_sizes():
    def run(image):
        return {"scores": image.mean((2, 3)) + image.shape[-1]}

    found = average_scales(run, torch.zeros(1, 3, 8, 8), [1, 2])["scores"]
    assert found.tolist() == [[12.0] * 3]


def test_what_has_no_scale_is_refused():
    batch = loader_batch((28, 42))
    for options in (dict(scale_test=[1, 2]), dict(window_test=dict(size=28))):
        model = small_estimator("inverse_depth").eval()
        model.scale_test, model.window_test = options.get("scale_test"), options.get("window_test")
        if model.window_test:
            model.window_test = dict(size=(28, 28))
        (name,) = options
        user_error(lambda one=model: one.test_step(batch), f"model.{name} averages values", "'inverse_depth'")
    user_error(
        lambda: predict_in_windows(lambda image: {"scores": image.mean((2, 3))}, IMAGE, (20, 20)),
        "model.window_test puts maps together, and the model predicts 'scores'",
    )


def test_training_and_the_plain_forward_pass_know_nothing_of_it():
    plain, averaging = segmenter(), segmenter(scale_test=[1, 2], window_test=dict(size=28))
    image = plain.data_preprocessor.normalize(example_targets((28, 42))["image"])
    with torch.no_grad():
        assert torch.equal(plain(image)["logits"], averaging(image)["logits"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (dict(scale_test=[]), "model.scale_test is [], expected factors of the image's size"),
        (dict(scale_test=[1, -1]), "model.scale_test is [1, -1]"),
        (dict(scale_test=2), "model.scale_test is 2"),
        (dict(window_test=dict(siez=28)), "model.window_test has no 'siez'; did you mean 'size'?"),
        (dict(window_test=dict(overlap=0.5)), "model.window_test.size is None, expected a side or (height, width)"),
        (dict(window_test=dict(size=28, overlap=1)), "model.window_test.overlap is 1, expected 0 or more, below 1"),
    ],
)
def test_wrong_options_are_told(options, words):
    user_error(lambda: segmenter(**options), words)
