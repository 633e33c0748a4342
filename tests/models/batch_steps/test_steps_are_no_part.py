"""What batch steps hold is in no state dict, average, wrapper or optimiser, and a whole training with all of them."""

import copy

import pytest
import torch
from mmengine.model import ExponentialMovingAverage
from support.field_layouts import picture, write_image
from support.models import FOUR_BLOCKS, loader_batch, small_estimator
from support.tiny_training import tiny_config, train, write_nyu_frames

from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS

BACKBONE = dict(type="DINOv2", arch="tiny", out_indices=FOUR_BLOCKS)
TEACHER = dict(
    type="Estimator",
    backbone=BACKBONE,
    head=dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8), output=dict(type="ReluInverseDepth")),
)
UNLABELLED = torch.tensor([False, True])


@pytest.fixture
def steps(tmp_path):
    """Configs of the three steps, in their order, with the weights of a teacher."""
    teacher = small_estimator("inverse_depth")
    torch.save({"meta": {"mdetools_version": "1.0"}, "state_dict": teacher.state_dict()}, tmp_path / "teacher.pth")
    path = str(tmp_path / "teacher.pth")
    return dict(
        teacher=dict(type="PseudoLabels", model=TEACHER, checkpoint=path),
        mix=dict(type="CutMix", on="unlabelled"),
        features=dict(type="FrozenFeatures", backbone=BACKBONE, checkpoint=path),
    )


def student(steps=None):
    torch.manual_seed(1)
    return MODELS.build({**TEACHER, "data_preprocessor": dict(type="DataPreprocessor", steps=steps)})


def batch():
    kept = ("image", "image_clean", "inverse_depth", "valid_mask", "size", "meta")
    return {name: value for name, value in loader_batch().items() if name in kept} | {"unlabelled": UNLABELLED}


def frozen_of(model):
    held = model.data_preprocessor.steps
    return held["teacher"].teacher, held["features"].network


@pytest.mark.parametrize("after_a_batch", [False, True])
def test_nothing_that_collects_the_parts_of_a_model_finds_them(steps, after_a_batch):
    plain, taught = student(), student(steps)
    if after_a_batch:
        state = torch.random.get_rng_state()
        for step in ("teacher", "features"):
            taught.data_preprocessor.steps[step](taught.data_preprocessor.to_device(batch()), True)
        assert torch.equal(state, torch.random.get_rng_state())  # nor does reading them draw a number
    assert list(taught.state_dict()) == list(plain.state_dict())
    assert [name for name, _ in taught.named_parameters()] == [name for name, _ in plain.named_parameters()]
    assert len(list(taught.modules())) == len(list(plain.modules()))
    assert all(map(torch.equal, taught.state_dict().values(), plain.state_dict().values()))
    average = ExponentialMovingAverage(taught, momentum=0.1)
    assert len(average.state_dict()) == len(plain.state_dict()) + 1  # and the number of steps
    held = {id(parameter) for frozen in frozen_of(taught) for parameter in frozen.module.parameters()}
    optimizer = torch.optim.AdamW(taught.parameters())
    assert held.isdisjoint(id(one) for group in optimizer.param_groups for one in group["params"])
    if after_a_batch:
        assert copy.deepcopy(taught).data_preprocessor.steps["teacher"].teacher is frozen_of(taught)[0]


def test_they_stay_frozen_while_the_student_trains(steps):
    taught = student(steps).train()
    before = [copy.deepcopy(frozen.module.state_dict()) for frozen in frozen_of(taught)]
    optimizer = torch.optim.SGD(taught.parameters(), lr=1.0)
    for _ in range(2):
        data = taught.data_preprocessor(batch(), training=True)
        prediction = taught(data["image"], mode="tensor")
        loss = (prediction["inverse_depth"] - data["targets"]["inverse_depth"]).square().mean()
        alignment = (prediction["features"][-1] - data["targets"]["features"])[UNLABELLED].square().mean()
        optimizer.zero_grad()
        (loss + alignment).backward()
        optimizer.step()
    for frozen, state in zip(frozen_of(taught), before, strict=True):
        assert not frozen.module.training
        assert all(map(torch.equal, frozen.module.state_dict().values(), state.values()))
        assert not any(one.requires_grad or one.grad is not None for one in frozen.module.parameters())


def test_testing_reads_no_teacher(steps):
    missing = {
        name: {**step, "checkpoint": "gone.pth"} if "checkpoint" in step else step for name, step in steps.items()
    }
    model = student(missing).eval()
    with torch.no_grad():
        results = model.test_step(batch())
    assert len(results) == 2 and "teacher" not in vars(model.data_preprocessor.steps["teacher"])


PIPELINE = """
        pipeline=dict(
            flip=dict(type="RandomHorizontalFlip"),
            resize=dict(type="Resize", size=28),
            crop=dict(type="RandomCrop", size=28),
            clean=dict(type="CleanView"),
            colours=dict(type="Albumentations", transforms=[dict(type="ColorJitter")]),
            inverse=dict(type="InverseDepth"),
            pack=dict(type="PackSample"),
        ),
"""


def write_config(path, data, photos, steps):
    """Labelled and unlabelled images 1 : 2, with a teacher, CutMix and features, on top of the tiny config."""
    tiny_config(path, data)
    path.write_text(f"""{path.read_text()}
model.update(
    head=dict(features=8, out_channels=[8, 8, 8, 8], output=dict(_delete_=True, type="ReluInverseDepth")),
    losses=dict(silog=None, ssi=dict(type="AffineInvariantLoss")),
    data_preprocessor=dict(steps={steps!r}),
)
train_dataloader = dict(
    batch_size=3,
    sampler=dict(_delete_=True, type="RatioSampler", ratio=(1, 2)),
    dataset=dict(
        _delete_=True,
        type="ConcatDataset",
        datasets=dict(
            labelled=dict(type="NYUDataset", data_root="{data}", split="train", {PIPELINE}),
            photos=dict(type="ImageFolderDataset", data_root="{photos}", {PIPELINE}),
        ),
    ),
    **_loader,
)
val_evaluator = dict(protocol="nyu_lstsq_disparity")
test_evaluator = val_evaluator
""")
    return path


@pytest.mark.slow
def test_a_whole_training_keeps_them_out_of_its_checkpoints(tmp_path, steps):
    data = write_nyu_frames(tmp_path / "nyu")
    for number in range(4):
        write_image(tmp_path / f"photos/{number}.png", picture(40, 56, number))
    config = write_config(tmp_path / "student.py", data, tmp_path / "photos", steps)
    ema = {"default_hooks.ema": {"type": "EMAHook", "momentum": 0.1}, "train_cfg.max_epochs": 1}
    train(config, tmp_path / "out", ema)
    checkpoint = torch.load(tmp_path / "out/epoch_1.pth", weights_only=True)
    plain = MODELS.build({**load_config(str(config)).model, "data_preprocessor": None})
    assert list(checkpoint["state_dict"]) == list(plain.state_dict())
    assert {name.removeprefix("module.") for name in checkpoint["ema_state_dict"]} == {"steps", *plain.state_dict()}
    assert all(value.isfinite().all() for value in checkpoint["state_dict"].values())
    sizes = [value.numel() * value.element_size() for value in checkpoint["state_dict"].values()]
    assert (tmp_path / "out/best_abs_rel.pth").stat().st_size < 2 * sum(sizes)  # the student's weights, not three sets
