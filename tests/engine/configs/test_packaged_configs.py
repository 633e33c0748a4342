"""Configs that inherit from those of mdetools, from any folder."""

import pytest
from support.user_errors import user_error

from mdetools.engine.configs.loading import load_config
from mdetools.engine.configs.packaged import OWN_CONFIGS

PROGRAM = '_base_ = "mdetools::dav2/vits_nyu{ending}"\ntrain_cfg = dict(max_epochs=3)\n'
DATA = "_base_: mdetools::dav2/vits_nyu{ending}\ntrain_cfg: {{max_epochs: 3}}\n"


@pytest.mark.parametrize("ending", [".py", ""])
@pytest.mark.parametrize(("name", "text"), [("mine.py", PROGRAM), ("mine.yaml", DATA)])
def test_a_config_of_ones_own_inherits_by_name(tmp_path, monkeypatch, name, text, ending):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text.format(ending=ending))
    expected = load_config(str(OWN_CONFIGS / "dav2/vits_nyu.py"), {"train_cfg.max_epochs": 3})
    assert load_config(name).to_dict() == expected.to_dict()


def test_beside_a_base_of_ones_own(tmp_path):
    (tmp_path / "data.py").write_text('_base_ = "mdetools::_base_/datasets/nyu.py"\nexperiment_name = "mine"\n')
    (tmp_path / "mine.py").write_text(
        '_base_ = ["data.py", "mdetools::_base_/models/dav2_vits.py", "mdetools::_base_/schedules/poly.py", '
        '"mdetools::_base_/default_runtime.py"]\nmodel = dict(head=dict(features=32))\n'
    )
    cfg = load_config(str(tmp_path / "mine.py"))
    assert (cfg.experiment_name, cfg.model.head.features, cfg.model.backbone.arch) == ("mine", 32, "vits")


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("mdetools::dav2/vits_nuy.py", ("vits_nuy.py' does not exist", "correct _base_ in")),
        ("mmdet::faster_rcnn.py", ("'mmdet::faster_rcnn.py'", "mdetools::NAME", "copy it beside the config")),
    ],
)
def test_a_base_that_is_none(tmp_path, base, words):
    path = tmp_path / "mine.py"
    path.write_text(f'_base_ = "{base}"\n')
    user_error(lambda: load_config(str(path)), "cannot be read", *words)
