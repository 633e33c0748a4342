"""Finding a component by a dotted path: what a user is told when it cannot be imported."""

import pytest

from mdetools.engine.configs.loading import load_config
from mdetools.errors import UserError
from mdetools.registry import BACKBONES, METRICS

BROKEN = """
from mdetools.registry import BACKBONES

@BACKBONES.register_module()
class RegisteredBeforeTheFault: ...

{fault}
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A new package's module `backbone`, for a test to write."""
    package = tmp_path / f"extras_of_{tmp_path.name}"  # a name that no earlier test has imported
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    BACKBONES.import_from_location()
    monkeypatch.setattr(BACKBONES, "_module_dict", dict(BACKBONES.module_dict))
    return package / "backbone.py"


@pytest.mark.parametrize(
    "fault, reason",
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("from math import no_such_name", "ImportError: cannot import name 'no_such_name' from 'math'"),
        ("raise ValueError('in two\\nlines')", "ValueError: in two lines"),
    ],
)
def test_a_dotted_path_into_a_broken_module_says_what_is_broken(module, fault, reason):
    module.write_text(BROKEN.format(fault=fault))
    path = f"{module.parent.name}.backbone.TinyBackbone"
    with pytest.raises(UserError) as caught:
        BACKBONES.build(dict(type=path))
    assert str(caught.value).startswith(f"the dotted path '{path}' cannot be imported: {reason}")
    assert "\n" not in str(caught.value)


def test_a_dotted_path_into_nothing_is_told_from_a_config_too(tmp_path):
    config = tmp_path / "config.py"
    config.write_text("val_evaluator = dict(type='no_such_package.metric.Bias')\n")
    with pytest.raises(UserError, match="'no_such_package.metric.Bias' cannot be imported: .*'no_such_package'"):
        load_config(str(config))


def test_a_name_that_the_module_lacks_is_told_with_the_nearest():
    with pytest.raises(UserError, match="no backbone is called '.*AlexNetFC'; did you mean 'AlexNetFCN'"):
        BACKBONES.build(dict(type="mdetools.models.backbones.AlexNetFC"))


def test_dotted_paths_and_scopes_are_found(module):
    module.write_text("from torch import nn\n\nclass Outer:\n    class Inner(nn.Module): ...\n")
    assert BACKBONES.find(f"{module.parent.name}.backbone.Outer.Inner").__qualname__ == "Outer.Inner"
    assert METRICS.find("mdetools.DepthMetric").__name__ == "DepthMetric"
    assert METRICS.find("DepthMetrik") is None and METRICS.find("mdetools.DepthMetrik") is None
