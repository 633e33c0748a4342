"""Which file set a key of a config, and what two configs differ in."""

import pytest
from support.user_errors import user_error

from mdetools.engine.configs.explaining import differences, origin
from mdetools.engine.configs.loading import load_config
from mdetools.engine.configs.packaged import OWN_CONFIGS

DEEPEST = """optim_wrapper = dict(
    optimizer=dict(lr=1e-3, weight_decay=0.1),
)
train_cfg = {
    "max_epochs": 5,
}
"""
MIDDLE = """_base_ = "deepest.py"
rate = 2
optim_wrapper = dict(
    optimizer=dict(
        lr=rate * 1e-3))
"""
MINE = """_base_ = ["middle.py"]
"""


@pytest.fixture
def mine(tmp_path):
    for name, text in (("deepest", DEEPEST), ("middle", MIDDLE), ("mine", MINE)):
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "data.yaml").write_text("_base_: base.yaml\ntrain_cfg: {val_interval: 2}\n")
    (tmp_path / "base.yaml").write_text("train_cfg: {max_epochs: 5}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("config", "key", "place"),
    [
        ("mine.py", "optim_wrapper.optimizer.lr", "middle.py:5"),
        ("mine.py", "optim_wrapper.optimizer.weight_decay", "deepest.py:2"),
        ("mine.py", "optim_wrapper", "middle.py:3"),  # the last that changed one of its values
        ("mine.py", "train_cfg.max_epochs", "deepest.py:5"),
        ("data.yaml", "train_cfg.val_interval", "data.yaml"),
        ("data.yaml", "train_cfg.max_epochs", "base.yaml"),
    ],
)
def test_where(mine, config, key, place):
    assert origin(str(mine / config), key) == str(mine / place)


def test_of_a_packaged_config_by_its_name():
    assert origin("dav2/vits_nyu", "model.backbone.arch").startswith(str(OWN_CONFIGS / "_base_/models/dav2_vits.py:"))


def test_the_command_line_comes_last(mine):
    options = {"optim_wrapper.optimizer.lr": 0.5}
    for key in ("optim_wrapper.optimizer.lr", "optim_wrapper.optimizer", "optim_wrapper"):
        assert origin(str(mine / "mine.py"), key, options) == "--cfg-options optim_wrapper.optimizer.lr=0.5"
    assert origin(str(mine / "mine.py"), "optim_wrapper.optimizer.weight_decay", options).endswith("deepest.py:2")


def test_a_key_that_is_none(mine):
    user_error(lambda: origin(str(mine / "mine.py"), "optim_wrapper.optimiser.lr"), "has no key", "did you mean 'optim")


def test_differences_of_two_configs(run_tool):
    code, text, _ = run_tool("print_config", "dav2/vits_nyu", "--diff", "dav2/vitb_nyu")
    small, base = (load_config(f"dav2/{name}_nyu") for name in ("vits", "vitb"))
    assert code == 0 and f"model.backbone.arch: 'vits' -> '{base.model.backbone.arch}'" in text.splitlines()
    assert differences(small.to_dict(), small.to_dict()) == []
    assert run_tool("print_config", "dav2/vits_nyu", "--diff", "dav2/vits_nyu")[1] == "no difference\n"


def test_the_tool_prints_places_alone(run_tool):
    code, text, _ = run_tool("print_config", "dav2/vits_nyu", "--where", "model.backbone.arch", "train_cfg")
    first, second = text.splitlines()
    assert code == 0 and first == f"model.backbone.arch: {origin('dav2/vits_nyu', 'model.backbone.arch')}"
    assert second.startswith("train_cfg: ")


def test_places_are_told_of_a_config_with_a_mistake(run_tool, tmp_path):
    (tmp_path / "own.py").write_text(
        '_base_ = "mdetools::tiny/own_data.py"\nmodel = dict(losses=dict(silog=dict(lamb=1)))\n'
    )
    code, text, _ = run_tool("print_config", str(tmp_path / "own.py"), "--where", "model.losses.silog.lamb")
    assert code == 0 and text.rstrip().endswith("own.py:2")
    code, _, told = run_tool("print_config", str(tmp_path / "own.py"))
    assert code == 2 and "has the key 'lamb'" in told
