"""Every command of README and docs is one that its tool takes, with a config that takes its options.

The words of each go through the tool's own parser, and `--cfg-options` through the check of its config, without a run:
most need data or weights. Those of tutorials are run, in test_your_own_data.py, test_plugin.py and others.
"""

import re
import shlex
import sys

import pytest
from support.pages import COMMAND_LINES, PAGES, call_of
from support.paths import ROOT

from mdetools.commands import COMMANDS, tool_of
from mdetools.engine.configs.finding import config_path
from mdetools.engine.configs.loading import load_config
from mdetools.errors import UserError

OTHERS = {"docker", "export", "pip", "rm", "source", "srun", "tensorboard", "trtexec"}  # programs that are not ours
MODULES = {"pip", "pytest", "sphinx", "zipfile"}  # of `python -m`


def check_other(words):
    """Whether what is no tool of mdetools is there, or one of the programs that are named above."""
    program, *rest = words
    if program == "python":
        place = ROOT / rest[1].replace(".", "/") if rest[0] == "-m" else ROOT / rest[0]
        known = place.is_file() or place.is_dir() or place.with_suffix(".py").is_file()
        assert known or (rest[0] == "-m" and rest[1] in MODULES), words
    elif program == "bash":
        assert (ROOT / rest[0]).is_file(), words
    else:
        assert program in OTHERS or words == ["mdetools"] or (ROOT / program).is_file(), words


SHOWN_MISTAKES = dict(re.findall(r"^\$ (.*)\n(error: .*)$", PAGES[0].read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize(
    ("page", "words"), COMMAND_LINES, ids=[f"{page}-{number}" for number, (page, _) in enumerate(COMMAND_LINES)]
)
def test_a_command_of_a_page_is_taken(monkeypatch, capsys, page, words):
    call = call_of(words)
    if call is None:
        check_other(words)
        return
    tool, own = call
    monkeypatch.setattr(sys, "argv", [f"{tool}.py", *own])
    try:
        args = vars(tool_of(tool).parse_args())
    except SystemExit:
        pytest.fail(f"{page}: {shlex.join(words)}\n{capsys.readouterr().err}")
    path = config_path(args.get("config") or "")
    if path is not None and shlex.join(words) not in SHOWN_MISTAKES:
        load_config(path, dict(args.get("cfg_options") or {}), args.get("data_root"))


@pytest.mark.parametrize(("command", "message"), SHOWN_MISTAKES.items())
def test_a_mistake_of_a_page_has_the_line_that_the_page_shows(monkeypatch, command, message):
    tool, own = call_of(shlex.split(command))
    monkeypatch.setattr(sys, "argv", [f"{tool}.py", *own])
    args = tool_of(tool).parse_args()
    with pytest.raises(UserError) as caught:
        load_config(args.config, dict(args.cfg_options), args.data_root)
    assert f"error: {caught.value}" == message


def test_pages_have_commands_of_every_tool():
    used = {call[0] for _, words in COMMAND_LINES if (call := call_of(words))}
    assert used >= {script for script, _ in COMMANDS.values()} - {"list_kitti_frames", "export_ground_truth"}


def test_what_no_tool_takes_is_found(monkeypatch, capsys):
    for words in (["mdetools", "train", "dav2/vits_nyu", "--resme-with", "a"], ["python", "tools/test.py"]):
        with pytest.raises(pytest.fail.Exception):
            test_a_command_of_a_page_is_taken(monkeypatch, capsys, "page", words)
    with pytest.raises(AssertionError):
        check_other(["python", "benchmarks/none.py"])
