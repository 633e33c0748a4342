"""`mdetools new`: what it writes works as it is, and nothing of one's own is replaced."""

import re
import sys

import pytest
from support.commands import load_tool, run_command
from support.paths import ROOT
from support.user_errors import user_error

from mdetools.apis.scaffolding import KINDS, class_name, module_name, write_component

NAMES = {kind: f"Fresh{kind.capitalize()}" for kind in KINDS}


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    """A folder in which there is one component of each kind."""
    folder = tmp_path_factory.mktemp("new") / "fresh-plugin"
    folder.mkdir()
    for kind, name in NAMES.items():
        write_component(kind, name, folder)
    return folder


@pytest.mark.slow
def test_the_written_tests_pass_and_a_config_finds_what_was_written(plugin):
    done = run_command(
        "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", imports=(plugin, ROOT), folder=plugin
    )
    assert done.returncode == 0 and f"{len(KINDS)} passed" in done.stdout, done.stdout + done.stderr
    code = "import fresh_plugin; from mdetools import registry as r; " + "; ".join(
        f"assert r.{KINDS[kind].registry}.get('{name}')" for kind, name in NAMES.items()
    )
    done = run_command("python", "-c", code, imports=(plugin, ROOT), folder=plugin)
    assert done.returncode == 0, done.stderr


def test_the_code_is_clean(plugin):
    for check in (["check", "--ignore", "I"], ["format", "--check"]):  # I: which packages are one's own
        done = run_command(
            "python", "-m", "ruff", *check, "--no-cache", "--config", ROOT / "ruff.toml", ".", folder=plugin
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_places_and_names(plugin, tmp_path):
    files = {path.relative_to(plugin).as_posix() for path in plugin.rglob("*") if path.is_file()}
    own = {
        f"{place}fresh_{kind}.{ending}"
        for kind in KINDS
        for place, ending in (("fresh_plugin/", "py"), ("tests/test_", "py"), ("docs/", "md"))
    }
    assert {name for name in files if "cache" not in name} == own | {"pyproject.toml", "fresh_plugin/__init__.py"}
    assert 'fresh_plugin = "fresh_plugin"' in (plugin / "pyproject.toml").read_text()
    page = (plugin / "docs" / "fresh_loss.md").read_text()
    assert 'model = dict(losses=dict(fresh_loss=dict(type="FreshLoss")))' in page
    for kind, name in NAMES.items():
        text = (plugin / "fresh_plugin" / f"fresh_{kind}.py").read_text()
        assert re.search(rf"^class {name}\b", text, re.MULTILINE) and KINDS[kind].example not in text
    assert (class_name("my_loss"), module_name("MyLoss")) == ("MyLoss", "my_loss")


def test_a_package_that_is_there_is_added_to(tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "__init__.py").write_text("import os")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    written = write_component("loss", "my_loss", tmp_path)
    assert [path.name for path in written] == ["my_loss.py", "test_my_loss.py", "my_loss.md", "__init__.py"]
    assert (tmp_path / "theirs" / "__init__.py").read_text() == "import os\nfrom theirs import my_loss as my_loss\n"
    assert (tmp_path / "pyproject.toml").read_text() == "[project]\n"


def test_mistakes(tmp_path):
    write_component("loss", "my_loss", tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    user_error(lambda: write_component("metric", "MyLoss", tmp_path), "my_loss.py is there already", "another one")
    user_error(lambda: write_component("loss", "si-log", tmp_path), "'si-log' is no name", "change it")
    user_error(lambda: write_component("loss", "class", tmp_path), "'class' is no name")
    user_error(lambda: write_component("loss", "SiLogLoss", tmp_path), "has a component SiLogLoss already")
    user_error(lambda: write_component("loss", "other", ROOT), "is a clone of mdetools", "--folder")
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "__init__.py").touch()
    user_error(lambda: write_component("loss", "other", tmp_path), "has the packages", "second", "--folder")
    assert {path: path.read_bytes() for path in before} == before


def test_the_tool(tmp_path, monkeypatch, capsys):
    tool = load_tool("new")
    assert set(tool.KINDS) == set(KINDS)
    monkeypatch.setattr(sys, "argv", ["new.py", "step", "my_step", "--folder", str(tmp_path / "mine")])
    tool.main(tool.parse_args())
    told = capsys.readouterr().out.splitlines()
    assert told[0].endswith("pyproject.toml") and told[-1].startswith("next: ")
    assert (tmp_path / "mine" / "mine" / "my_step.py").is_file()
