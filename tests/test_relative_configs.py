"""The configs of relative depth: what was published, and the small twins from one end to the other."""

import json

import cv2
import numpy as np
import pytest
import torch
from support.kitti_layout import write_kitti
from support.paths import ROOT
from support.tiny_training import write_nyu_frames

from mdetools.apis.pseudo_labels import LabelOptions, image_pipeline, label_images
from mdetools.apis.pseudo_labels.teacher import build_teacher, predict
from mdetools.datasets.collation import collate_samples
from mdetools.datasets.image_folder import ImageFolderDataset
from mdetools.engine.configs.loading import load_config
from mdetools.engine.optim.param_groups import encoder_decoder_groups
from mdetools.engine.optim.schedules import polynomial_factor
from mdetools.engine.training import apply_train_options, run_training
from mdetools.registry import MODELS

SIZES = {"teacher": ["vits", "vitb", "vitl", "vitg"], "student_v2": ["vits", "vitb", "vitl"]}
SIZES["student_v1"] = SIZES["student_v2"]
EVERY = [f"{kind}_{size}" for kind, sizes in SIZES.items() for size in sizes]


def config_of(name, options=None):
    return load_config(str(ROOT / "configs/relative" / f"{name}.py"), options)


@pytest.mark.parametrize("name", EVERY)
def test_the_optimiser_is_the_published_one(name):
    cfg = config_of(name)
    assert cfg.optim_wrapper.optimizer.type == ("AdamW" if "v1" in name else "Adam")
    with torch.device("meta"):
        model = MODELS.build(cfg.model)
    groups = encoder_decoder_groups(model, cfg.optim_wrapper.optimizer.lr, **cfg.optim_wrapper.paramwise_cfg)
    assert {group["name"]: group["lr"] for group in groups} == pytest.approx({"encoder": 5e-6, "decoder": 5e-5})
    assert [polynomial_factor(step, 10, cfg.param_scheduler.lr.power) for step in range(11)] == pytest.approx(
        np.linspace(1, 0, 11).tolist()
    )


@pytest.mark.parametrize("name", EVERY)
def test_one_size_differs_from_another_in_the_network_alone(name):
    kind, size = name.rsplit("_", 1)
    ours, small = config_of(name), config_of(f"{kind}_vits")
    assert ours.model.backbone.arch == size
    assert {key: value for key, value in ours.items() if key != "model"} == {
        key: value for key, value in small.items() if key != "model"
    }
    metric = config_of(f"../dav2/{size}_nyu").model
    assert ours.model.backbone == metric.backbone
    assert {**ours.model.head, "output": None} == {**metric.head, "output": None}
    if kind != "teacher":
        assert ours.model.data_preprocessor.steps.features.backbone == metric.backbone


def test_losses_and_batches_are_those_of_the_articles():
    teacher, second, first = (config_of(f"{kind}_vits") for kind in SIZES)
    losses = {name: loss for name, loss in teacher.model.losses.items() if loss is not None}
    assert {name: loss.weight for name, loss in losses.items()} == {"affine_invariant": 1, "gradient_matching": 2}
    assert losses["affine_invariant"].trim == 0.1
    assert {name: second.model.losses[name] for name in losses} == losses
    weights = [loss.weight for loss in first.model.losses.values() if loss is not None]
    assert weights == pytest.approx([1 / 3] * 5)
    parts = [loss.on for loss in first.model.losses.values() if loss is not None]
    assert parts == ["labelled"] * 2 + ["unlabelled"] * 3
    assert first.train_dataloader.sampler.ratio == [1, 2] and first.train_dataloader.batch_size % 3 == 0
    assert list(first.model.data_preprocessor.steps) == ["pseudo_labels", "cut_mix", "features"]
    assert first.model.data_preprocessor.steps.cut_mix.prob == 0.5


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A few rooms, streets and photographs."""
    folder = tmp_path_factory.mktemp("relative")
    write_nyu_frames(folder / "rooms", train=6, val=1)
    write_kitti(folder / "streets")
    rng = np.random.default_rng(1)
    for number in range(6):
        path = folder / f"photos/{number}.png"
        path.parent.mkdir(exist_ok=True)
        coarse = rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)
        cv2.imwrite(str(path), cv2.resize(coarse, (160, 120), interpolation=cv2.INTER_CUBIC))
    return folder


def trained(place, name, epochs, **options):
    """Trains a small twin for some epochs; returns its config and its last checkpoint."""
    loader = {"num_workers": 0, "persistent_workers": False}
    common = {f"{part}_dataloader.{key}": value for part in ("train", "val") for key, value in loader.items()}
    common |= {"val_dataloader.dataset.data_root": str(place / "rooms"), "train_dataloader.batch_size": 6}
    common |= {
        "default_hooks.logger.interval": 1,
        "train_cfg.max_epochs": epochs,
        "train_cfg.val_interval": epochs,
        "default_hooks.pictures": None,
    }
    cfg = config_of(name, common | options)
    apply_train_options(cfg, str(place / "runs" / name), amp="off")
    run_training(cfg)
    return cfg, str(place / "runs" / name / f"epoch_{epochs}.pth")


def labelled_roots(place, path):
    return {f"{path}.datasets.{name}.data_root": str(place / name) for name in ("rooms", "streets")}


def distance(cfg, checkpoint, dataset):
    """Mean over images of the share of the labels' variance that the model's map does not explain."""
    model = build_teacher(cfg, checkpoint, flip=False)
    left = []
    for index in range(len(dataset)):
        sample = dataset[index]
        (values,) = predict(model, collate_samples([{"image": sample["image"], "meta": sample["meta"]}]))
        label = sample["inverse_depth"][0]
        small = torch.nn.functional.interpolate(values[None, None], label.shape, mode="bilinear")[0, 0]
        left.append(1 - np.corrcoef(small.numpy().ravel(), label.numpy().ravel())[0, 1] ** 2)
    return float(np.mean(left))


def losses_of(run, terms):
    """The named terms of the loss at each step that was logged, in the order of time."""
    lines = [line for path in sorted(run.glob("*/vis_data/scalars.json")) for line in path.read_text().splitlines()]
    entries = [json.loads(line) for line in lines]
    return [[entry[f"train/loss_{term}"] for term in terms] for entry in entries if "train/loss_labelled" in entry]


@pytest.mark.slow
def test_the_small_twins_from_one_end_to_the_other(place):
    """Teacher, labels, and both students, which learn them."""
    data = "train_dataloader.dataset"
    teacher, weights = trained(place, "teacher_small", 2, **labelled_roots(place, data))
    images = ImageFolderDataset(str(place / "photos"), pipeline=image_pipeline(teacher))
    outcome = label_images(teacher, weights, images, place / "labels", LabelOptions(workers=0, writers=1))
    assert (outcome.written, outcome.broken) == (6, [])
    labels = ImageFolderDataset(str(place / "photos"), labels=str(place / "labels"), pipeline=image_pipeline(teacher))
    frozen = {
        "pretrained.checkpoint": weights,
        "model.data_preprocessor.steps.features.checkpoint": weights,
    }
    photos = {f"{data}.data_root": str(place / "photos"), f"{data}.labels": str(place / "labels")}
    distances = [
        distance(*trained(place, "student_v2_small", epochs, **frozen, **photos), labels) for epochs in (1, 25)
    ]
    assert distances[1] < 0.6 * distances[0]

    mixed = labelled_roots(place, f"{data}.datasets.labelled")
    mixed |= {f"{data}.datasets.unlabelled.data_root": str(place / "photos")}
    mixed["model.data_preprocessor.steps.pseudo_labels.checkpoint"] = weights
    trained(place, "student_v1_small", 1, **frozen, **mixed)
    terms = ["labelled", "labelled_gradients", "unlabelled", "unlabelled_gradients", "features"]
    (first,) = losses_of(place / "runs/student_v1_small", terms)
    assert all(value > 0 for value in first)
    # A few pictures of noise are learned without perturbations alone.
    calm = {"model.data_preprocessor.steps.cut_mix": None, f"{data}.datasets.unlabelled.pipeline.colours": None}
    trained(place, "student_v1_small", 25, **frozen, **mixed, **calm)
    steps = losses_of(place / "runs/student_v1_small", ["unlabelled"])[1:]
    assert len(steps) == 25 and steps[-1][0] < 0.6 * steps[0][0]
