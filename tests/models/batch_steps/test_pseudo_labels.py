"""Labels of a frozen teacher, made while the student trains."""

import numpy as np
import pytest
import torch
from support.models import FOUR_BLOCKS, OUTPUTS, small_estimator
from support.user_errors import user_error
from torch import nn

from mdetools.contract import QUANTITIES
from mdetools.models import FrozenNetwork
from mdetools.models.batch_steps import CutMix, PseudoLabels
from mdetools.models.batch_steps.pseudo_labels import predict_inverse_depth
from mdetools.registry import BATCH_STEPS, MODELS

SIZE = (28, 42)
UNLABELLED = [False, True, True, False, True]
TEACHES = ["inverse_depth", "disparity", "depth"]


def config(quantity="inverse_depth", **more):
    head = dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8), output=OUTPUTS[quantity])
    backbone = dict(type="DINOv2", arch="tiny", out_indices=FOUR_BLOCKS)
    return dict(type="Estimator", backbone=backbone, head=head, **more)


@pytest.fixture
def checkpoint(tmp_path):
    """Saves the weights of a small model, whose maps are far from constant."""

    def save(quantity="inverse_depth"):
        model = small_estimator(quantity)
        with torch.no_grad():
            for parameter in model.head.parameters():
                parameter.mul_(1.5)
        path = tmp_path / f"{quantity}.pth"
        torch.save({"meta": {"mdetools_version": "1.0"}, "state_dict": model.state_dict()}, path)
        return model.eval(), str(path)

    return save


def batch(clean=True, labels=True):
    """Five samples, of which three are unlabelled, as they are on the device."""
    rng = torch.Generator().manual_seed(1)
    targets = {"image": torch.rand(5, 3, *SIZE, generator=rng), "unlabelled": torch.tensor(UNLABELLED)}
    if clean:
        targets["image_clean"] = torch.rand(5, 3, *SIZE, generator=rng)
    if labels:
        known = torch.rand(5, 1, *SIZE, generator=rng) < 0.5
        known[UNLABELLED] = False
        targets |= {"valid_mask": known, "inverse_depth": torch.rand(5, 1, *SIZE, generator=rng) * known}
    return targets | {"meta": {"id": list("abcde")}}


def own_prediction(model, image, flip):
    """What the teacher itself gives as a test, at the images' size, and the inverse of metres in float64."""
    model.flip_test = "mean" if flip else None
    (quantity,) = (name for name in TEACHES if name in model(image[:1], mode="tensor"))
    with torch.no_grad():
        results = model(
            model.data_preprocessor.normalize(image), {"size": torch.tensor([SIZE] * len(image))}, "predict"
        )
    maps = torch.stack([result[quantity] for result in results]).double()
    return 1 / maps if quantity == "depth" else maps


@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("view", ["image_clean", "image"])
@pytest.mark.parametrize("quantity", TEACHES)
def test_labels_are_the_teachers_own_prediction_of_the_clean_image(checkpoint, quantity, view, flip):
    model, path = checkpoint(quantity)
    targets = batch(clean=view == "image_clean")
    step = BATCH_STEPS.build(dict(type="PseudoLabels", model=config(quantity), checkpoint=path, flip=flip))
    labelled = step(targets, True)
    expected = own_prediction(model, targets[view][UNLABELLED], flip)
    found = labelled["inverse_depth"][UNLABELLED]
    assert found.dtype == torch.float32 and expected.std() > 1e-2 * expected.mean()
    torch.testing.assert_close(found.double(), expected, rtol=1e-6, atol=1e-7)
    assert labelled["valid_mask"][UNLABELLED].all()


def test_samples_without_a_clean_view_are_labelled_by_their_image(checkpoint):
    """One of two unlabelled data sets has no CleanView: its samples have a black hole there in the same batch."""
    model, path = checkpoint()
    targets = batch()
    targets["image_clean"][[0, 2, 3]] = 0
    seen = targets["image_clean"][UNLABELLED].clone()
    seen[1] = targets["image"][2]
    found = PseudoLabels(config(), path)(targets, True)["inverse_depth"][UNLABELLED]
    expected = own_prediction(model, seen, True)
    torch.testing.assert_close(found.double(), expected, rtol=1e-6, atol=1e-7)
    black = own_prediction(model, torch.zeros_like(seen[1:2]), True)
    assert (found[1] - black[0]).abs().max() > 1e-3


def test_labelled_samples_keep_theirs_and_the_input_stays(checkpoint):
    _, path = checkpoint()
    targets = batch()
    before = {name: value.clone() for name, value in targets.items() if name != "meta"}
    labelled = PseudoLabels(config(), path)(targets, True)
    theirs = [not one for one in UNLABELLED]
    for name in ("inverse_depth", "valid_mask"):
        assert torch.equal(labelled[name][theirs], before[name][theirs])
    assert all(torch.equal(targets[name], value) for name, value in before.items())
    assert set(labelled) == set(targets) and not labelled["inverse_depth"].requires_grad


def test_what_labelled_samples_lack_is_holes(checkpoint):
    _, path = checkpoint()
    labelled = PseudoLabels(config(), path)(batch(labels=False), True)
    theirs = [not one for one in UNLABELLED]
    assert not labelled["inverse_depth"][theirs].any() and not labelled["valid_mask"][theirs].any()
    assert labelled["valid_mask"].dtype == torch.bool and labelled["inverse_depth"].shape == (5, 1, *SIZE)


def test_a_batch_without_unlabelled_samples_stays_and_all_may_be(checkpoint):
    model, path = checkpoint()
    step = PseudoLabels(config(), path)
    targets = batch() | {"unlabelled": torch.zeros(5, dtype=torch.bool)}
    same = step(targets, True)
    assert torch.equal(same["inverse_depth"], targets["inverse_depth"])
    targets["unlabelled"] = torch.ones(5, dtype=torch.bool)
    expected = own_prediction(model, targets["image_clean"], True)
    torch.testing.assert_close(step(targets, True)["inverse_depth"].double(), expected, rtol=1e-6, atol=1e-7)


def test_nothing_happens_and_nothing_is_read_outside_of_training():
    targets = batch()
    step = PseudoLabels(config(), "missing.pth")
    assert step(targets, False) is targets
    user_error(lambda: step(targets, True), "no checkpoint 'missing.pth'")
    user_error(lambda: PseudoLabels(config())(targets, True), "PseudoLabels has no weights of its teacher")


class TwoPixels(nn.Module):
    """Predicts what it is told."""

    def __init__(self, values, quantity):
        super().__init__()
        self.values, self.quantity = torch.tensor(values).view(1, 1, 1, -1), quantity
        self.data_preprocessor = MODELS.build(dict(type="DataPreprocessor"))

    def forward(self, image, mode):
        return {self.quantity: self.values.expand(len(image), 1, 1, -1)}


def test_metres_become_their_inverse_after_the_averaging():
    network = FrozenNetwork(TwoPixels([2.0, 4.0], "depth"))
    image = torch.zeros(1, 3, 1, 2)
    assert predict_inverse_depth(network, image).flatten().tolist() == [0.5, 0.25]
    merged = predict_inverse_depth(network, image, "mean").flatten()
    np.testing.assert_allclose(merged.numpy(), [1 / 3, 1 / 3], rtol=1e-6)  # not the mean of 1/2 and 1/4
    assert predict_inverse_depth(FrozenNetwork(TwoPixels([2.0, 4.0], "disparity")), image).flatten().tolist() == [2, 4]


def test_no_depth_is_no_label():
    network = FrozenNetwork(TwoPixels([2.0, 4.0], "logits"))
    words = "the model predicts 'logits', which is no depth; expected one of depth, disparity, inverse_depth"
    user_error(lambda: predict_inverse_depth(network, torch.zeros(1, 3, 1, 2)), words)
    assert [name for name, one in QUANTITIES.items() if one.to_inverse] == ["depth", "disparity", "inverse_depth"]


def test_pixels_that_are_not_finite_are_holes():
    step = PseudoLabels(config(), flip=False)
    step.teacher = FrozenNetwork(TwoPixels([float("nan"), 4.0], "inverse_depth"))
    targets = {"image": torch.zeros(1, 3, 1, 2), "unlabelled": torch.tensor([True])}
    labelled = step(targets, True)
    assert labelled["inverse_depth"].flatten().tolist() == [0, 4]
    assert labelled["valid_mask"].flatten().tolist() == [False, True]


def test_what_the_batch_must_have_is_said(checkpoint):
    step = PseudoLabels(config(), checkpoint()[1])
    metric = batch() | {"depth": torch.ones(5, 1, *SIZE)}
    user_error(lambda: step(metric, True), "the batch has depth in metres; add dict(type='InverseDepth')")
    labelled = {name: value for name, value in batch().items() if name != "unlabelled"}
    user_error(lambda: step(labelled, True), "the batch has no 'unlabelled'", "ImageFolderDataset")
    small = batch() | {"inverse_depth": torch.ones(5, 1, 14, 21)}
    user_error(lambda: step(small, True), "'inverse_depth' of the labelled samples is 14x21 and the image 28x42")


def test_a_checkpoint_of_another_model_is_refused(checkpoint):
    step = PseudoLabels(config() | {"head": {**config()["head"], "features": 16}}, checkpoint()[1])
    user_error(lambda: step(batch(), True), "inverse_depth.pth' is of another architecture than the config")


def test_it_runs_under_the_autocast_of_the_training(checkpoint):
    model, path = checkpoint()
    targets = batch()
    seen = []
    step = PseudoLabels(config(), path, flip=False)
    patches = step.teacher.module.backbone.vit.patch_embed.proj
    patches.register_forward_hook(lambda module, args, out: seen.append(out.dtype))
    with torch.autocast("cpu", torch.bfloat16):
        labels = step(targets, True)["inverse_depth"]
    assert seen == [torch.bfloat16] and labels.dtype == torch.float32
    exact = own_prediction(model, targets["image_clean"][UNLABELLED], False)
    assert (labels[UNLABELLED] - exact).abs().mean() < 0.05 * exact.abs().mean()


def test_cut_mix_cuts_the_labels_as_it_cuts_the_images(checkpoint):
    """Each pixel has the label that the teacher gave the image it comes from, as `region` says."""
    model, path = checkpoint()
    targets = batch()
    torch.manual_seed(0)
    labelled = PseudoLabels(config(), path)(targets, True)
    mixed = CutMix(prob=1.0, on="unlabelled")(labelled, True)
    expected = own_prediction(model, targets["image_clean"][UNLABELLED], True)
    places = [at for at, one in enumerate(UNLABELLED) if one]
    for at, place in enumerate(places):
        other = (at + 1) % len(places)
        region = mixed["region"][place, 0].numpy()
        assert 0 < region.mean() < 0.5
        wanted = np.where(region == 1, expected[other, 0], expected[at, 0])
        np.testing.assert_allclose(mixed["inverse_depth"][place, 0].double().numpy(), wanted, rtol=1e-6, atol=1e-7)
        image = np.where(region == 1, targets["image"][places[other]], targets["image"][place])
        np.testing.assert_array_equal(mixed["image"][place].numpy(), image)
    assert mixed["valid_mask"][UNLABELLED].all() and torch.equal(mixed["image_clean"], targets["image_clean"])
