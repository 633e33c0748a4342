"""What a checkpoint says about its config is parsed, never executed."""

import math
from pathlib import Path

import pytest
from mmengine.config import Config, ConfigDict

from mdetools.engine.configs.loading import load_config
from mdetools.errors import UserError
from mdetools.weights.config_text import parse_config_text

LEAVES = sorted(path for folder in ("dav2", "garg") for path in Path("configs", folder).glob("*.py"))


def plain(value):
    """ConfigDicts as dicts."""
    if isinstance(value, dict | ConfigDict):
        return {key: plain(one) for key, one in value.items()}
    return type(value)(map(plain, value)) if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("path", LEAVES, ids=str)
def test_our_configs_come_back_as_they_were(path):
    cfg = load_config(str(path))
    assert parse_config_text(cfg.pretty_text, "x") == plain(cfg._cfg_dict.to_dict())


def test_values_of_every_kind():
    values = dict(a=-1.5, b=[1, (2, "x'\n")], c={"1 2": None, "ok": True}, d=math.inf, e=-math.inf, f=(1,), g={}, h=[])
    assert parse_config_text(Config(values).pretty_text, "x") == values
    assert math.isnan(parse_config_text("a = nan", "x")["a"])


def test_nothing_runs(tmp_path):
    made = tmp_path / "made"
    text = f"a = open({str(made)!r}, 'w')\nimport os\nb = [x for x in (1,)]\nc = dict(**{{'a': 1}})\nd = 1 + 1\ne.f = 2"
    values = parse_config_text(text, "x")
    assert values["a"] == f"open({str(made)!r}, 'w')" and not made.exists()
    assert values.keys() == {"a", "b", "c", "d"} and values["d"] == "1 + 1"


@pytest.mark.parametrize(
    "text", ["a = (", "\0", "a = " + "(" * 10_000, "a = " + "-" * 100_000 + "1", "a" * 1_000_001], ids=range(5)
)
def test_text_that_is_no_config_is_refused_in_one_line(text):
    with pytest.raises(UserError, match="'run.pth'") as caught:
        parse_config_text(text, "run.pth")
    assert "\n" not in str(caught.value)
