"""configs/downstream/segmentation_*: the numbers that must agree with each other."""

import pytest
from support.paths import ROOT

from mdetools.datasets.cityscapes_dataset import CITYSCAPES_CLASSES
from mdetools.engine.configs.loading import load_config
from mdetools.registry import METRICS
from mdetools.synthetic.rooms import ROOM_CLASSES
from mdetools.synthetic.streets import STREET_CLASSES

CLASSES = {
    "cityscapes_vits": len(CITYSCAPES_CLASSES),
    "cityscapes_vitl": len(CITYSCAPES_CLASSES),
    "ade20k_vits": 150,
    "ade20k_vitl": 150,
    "rooms_small": len(ROOM_CLASSES),
    "streets_small": len(STREET_CLASSES),
}


def config(name):
    return load_config(str(ROOT / "configs/downstream" / f"segmentation_{name}.py"))


@pytest.mark.parametrize("name", CLASSES)
def test_the_head_has_the_data_sets_classes_and_best_is_a_score(name):
    cfg = config(name)
    assert cfg.model.head.num_outputs == CLASSES[name] and cfg.model.head.output.type == "Logits"
    assert cfg.default_hooks.checkpoint.best in METRICS.build(cfg.val_evaluator).higher_is_better
    assert cfg.pretrained == dict(checkpoint=None, encoder_only=True)


def test_every_config_is_in_the_table():
    found = {path.stem for path in (ROOT / "configs/downstream").glob("segmentation_*.py")}
    assert found == {f"segmentation_{name}" for name in CLASSES}


@pytest.mark.parametrize("data", ["cityscapes", "ade20k"])
def test_one_size_differs_from_another_in_nothing_but_the_network(data):
    small, large = (config(f"{data}_{size}") for size in ("vits", "vitl"))
    assert {key: value for key, value in large.items() if key != "model"} == {
        key: value for key, value in small.items() if key != "model"
    }
    depth = load_config(str(ROOT / "configs/dav2/vitl_nyu.py")).model
    assert large.model.backbone == depth.backbone and large.model.head.out_channels == depth.head.out_channels
    assert large.model.losses == small.model.losses
