"""The command `mdetools`."""

import sys

import pytest
from support.paths import ROOT

from mdetools import __version__, commands


def call(monkeypatch, capsys, *arguments):
    """Exit code, stdout and stderr of `mdetools ARGUMENTS`."""
    monkeypatch.setattr(sys, "argv", ["mdetools", *arguments])
    try:
        commands.main()
        code = 0
    except SystemExit as end:
        code = end.code
    return code, *capsys.readouterr()


def test_each_tool_has_a_command_and_each_command_a_tool():
    tools = {path.stem for path in (ROOT / "tools").glob("*.py")}
    assert {script for script, _ in commands.COMMANDS.values()} == tools
    assert len(commands.COMMANDS) == len(tools)


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_a_command_has_the_options_of_its_tool(monkeypatch, capsys, name):
    code, text, _ = call(monkeypatch, capsys, name, "--help")
    script = commands.COMMANDS[name][0]
    monkeypatch.setattr(sys, "argv", [f"{script}.py", "--help"])
    with pytest.raises(SystemExit):
        commands.tool_of(script).parse_args()
    expected = capsys.readouterr().out
    words = text.split()
    assert code == 0 and words[:3] == ["usage:", "mdetools", name]
    assert words[3:] == expected.split()[2:]  # lines break elsewhere, after another name


def test_what_it_says_of_itself(monkeypatch, capsys):
    assert call(monkeypatch, capsys, "--version") == (0, f"mdetools {__version__}\n", "")
    code, text, _ = call(monkeypatch, capsys)
    assert code == 0 and all(f"  {name} " in text and what in text for name, (_, what) in commands.COMMANDS.items())


def test_mistakes_are_one_line(monkeypatch, capsys, tmp_path):
    assert call(monkeypatch, capsys, "trian") == (2, "", "error: 'trian' is no command; did you mean 'train'?\n")
    code, out, error = call(monkeypatch, capsys, "print-config", str(tmp_path / "none.py"))
    assert (code, out) == (2, "") and error.startswith("error: no config file") and error.count("\n") == 1
