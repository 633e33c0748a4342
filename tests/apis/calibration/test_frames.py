"""The frames of a calibration are those of a test, spread over the data set."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from support.bent_depth import write_trained
from support.user_errors import user_error

from mdetools.apis.calibration import calibrate_checkpoint
from mdetools.apis.calibration.frames import dataset_of, predict_frames
from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS

RESIZE, CROP = dict(type="Resize", size=28), dict(type="RandomCrop", size=28)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return write_trained(tmp_path_factory.mktemp("trained"), val=7)


@pytest.fixture(scope="module")
def model(trained):
    return MODELS.build(load_config(str(trained.right[0])).model).eval()


@pytest.mark.parametrize(
    ("count", "indices"), [(3, [0, 3, 6]), (1, [0]), (7, range(7)), (50, range(7)), (None, range(7)), (2, [0, 6])]
)
def test_they_are_spread_over_the_data_set(trained, model, count, indices):
    quantity, frames = predict_frames(load_config(str(trained.right[0])), model, "val", count)
    assert quantity == "depth"
    assert [frame.name for frame in frames] == [f"scene/{index:05d}" for index in indices]


def test_they_are_what_a_test_predicts(trained, model):
    """The batch goes through the model in "predict" mode, as the loop of a test has it."""
    cfg = load_config(str(trained.right[0]), {"val_dataloader.dataset.pipeline.resize.size": 42})
    _, (frame, *_) = predict_frames(cfg, model, "val", 3)
    from mdetools.datasets.collation import collate_samples
    from mdetools.registry import DATASETS

    sample = DATASETS.build(cfg.val_dataloader.dataset)[0]
    with torch.inference_mode():
        (expected,) = model.test_step(collate_samples([sample]))
    assert frame.values.shape == (1, 42, 56) and frame.depth.shape == (1, 28, 42)
    torch.testing.assert_close(frame.resized(frame.values, "depth"), expected["depth"])
    assert torch.equal(frame.depth, sample["depth"]) and torch.equal(frame.valid_mask, sample["valid_mask"])


def test_training_images_are_prepared_as_those_of_a_test(trained, model):
    cfg = load_config(str(trained.right[0]))
    assert dataset_of(cfg, "train")["pipeline"] == cfg.test_dataloader.dataset.pipeline
    _, frames = predict_frames(cfg, model, "train", None)
    assert [frame.name for frame in frames] == ["scene/00000", "scene/00001", "scene/00002"]
    assert frames[0].values.shape == (1, 28, 42)  # no crop


def test_data_sets_made_of_data_sets_too():
    inner = [dict(type="NYUDataset", data_root="a", pipeline=[CROP]), dict(type="NYUDataset", data_root="b")]
    cfg = Config(
        dict(
            model=dict(type="Estimator"),
            train_dataloader=dict(dataset=dict(type="ConcatDataset", datasets=inner), sampler={}, batch_size=1),
            test_dataloader=dict(
                dataset=dict(type="SubsetDataset", count=1, dataset=dict(type="NYUDataset", pipeline=[RESIZE]))
            ),
        )
    )
    assert [one["pipeline"] for one in dataset_of(cfg, "train")["datasets"]] == [[RESIZE], [RESIZE]]
    cfg.test_dataloader = None
    user_error(lambda: dataset_of(cfg, "train"), "no pipeline of a test to read the training set with")
    user_error(lambda: dataset_of(cfg, "test"), "test_dataloader is None, and a calibration needs it")


DISPARITY = {"model.head.output": dict(_delete_=True, type="SigmoidDisparity"), "model.losses": None}
CLASSES = {"model.head.output": dict(_delete_=True, type="Logits"), "model.losses": None}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            DISPARITY,
            "predicts 'disparity', whose metres come from each pair's focal length and baseline; correct those",
        ),
        (CLASSES, "predicts 'logits', which is no depth: only 'depth' or 'inverse_depth' of an output layer can be"),
        (
            {"model.head": dict(_delete_=True, type="CoarseToFineHead"), "model.losses": None},
            "CoarseToFineHead has no output layer to calibrate; only a head with an `output`, such as DPTHead, can be",
        ),
        ({"val_dataloader": None, "val_cfg": None, "val_evaluator": None}, "val_dataloader is None, and a calibration"),
    ],
)
def test_what_cannot_be_calibrated_is_one_line(trained, tmp_path, options, words):
    cfg = load_config(str(trained.right[0]), options)
    state = MODELS.build(cfg.model).state_dict()
    torch.save({"meta": {}, "state_dict": state}, tmp_path / "model.pth")
    user_error(lambda: calibrate_checkpoint(cfg, str(tmp_path / "model.pth"), device="cpu"), words)


def test_a_data_set_without_depth_is_named(trained, model, monkeypatch):
    from mdetools.datasets import NYUDataset

    load = NYUDataset.load

    def without(self, index):
        sample = load(self, index)
        return {key: value for key, value in sample.items() if key not in ("depth", "valid_mask")}

    monkeypatch.setattr(NYUDataset, "load", without)
    cfg = load_config(str(trained.right[0]))
    user_error(
        lambda: predict_frames(cfg, model, "val", 3), "the val set gives no depth to calibrate on (it gives image"
    )


def test_frames_of_different_sizes_are_no_matter(trained, model, monkeypatch):
    from mdetools.datasets import NYUDataset

    load = NYUDataset.load

    def cut(self, index):
        sample = load(self, index)
        side = 42 - 2 * index
        return sample | {key: np.ascontiguousarray(sample[key][:, :side]) for key in ("image", "depth", "valid_mask")}

    monkeypatch.setattr(NYUDataset, "load", cut)
    cfg = load_config(str(trained.right[0]))
    _, _, outcome = calibrate_checkpoint(cfg, str(trained.right[1]), device="cpu")
    assert len(outcome.frames) == 7 and outcome.rows["before"].mean()["abs_rel"] < 0.5
