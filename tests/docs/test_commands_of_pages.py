"""Every command of README and docs is one that its tool takes, with a config that takes its options.

The words of each go through the tool's own parser, and `--cfg-options` through the check of its config, without a run:
most need data or weights. Those of tutorials are run, in test_your_own_data.py, test_plugin.py and others.
"""

import re
import shlex
import sys

import pytest
from support.paths import ROOT

from mdetools.commands import COMMANDS, tool_of
from mdetools.engine.configs.finding import config_path
from mdetools.engine.configs.loading import load_config
from mdetools.errors import UserError

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
OTHERS = {"docker", "export", "pip", "rm", "source", "srun", "tensorboard", "trtexec"}  # programs that are not ours
MODULES = {"pip", "pytest", "sphinx", "zipfile"}  # of `python -m`
ASSIGNMENT = re.compile(r"(\w+)=(.*)", re.DOTALL)
SCRIPTS = {"dist_train": (1, "train"), "dist_test": (2, "test")}  # where GPUS stands among the words, and the tool


def lines_of(text):
    """The command lines in a page: of its bash blocks, behind `$` in console blocks, and of indented code."""
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        lines = block.replace("\\\n", " ").splitlines()
        if language in ("bash", "console"):
            yield from (line.removeprefix("$ ") for line in lines if language == "bash" or line.startswith("$ "))
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"^    ((?:\w+=\S+ )*(?:python|mdetools) .*)$", outside, re.MULTILINE)


def commands_of(page):
    """The commands of a page as words, without what is set before them."""
    known = {}
    for line in lines_of(page.read_text(encoding="utf-8")):
        if re.match(r"\w+=\$\(", line) or line.strip() == "done":  # what another program says; the end of a loop
            continue
        if loop := re.fullmatch(r"\s*for (\w+) in (\S+).*; do", line):  # stands for its first round
            known[loop[1]] = loop[2]
            continue
        if choice := re.fullmatch(r"\s*(\w+=\w*); \[ .* \] && \w+=(\S+)", line):
            line = choice[1]
        for name, value in known.items():
            line = line.replace(f"${{{name}}}", value).replace(f"${name}", value)
        words = shlex.split(line, comments=True)
        while words and (found := ASSIGNMENT.fullmatch(words[0])):
            known[found[1]] = found[2]
            words = words[1:]
        if words:
            yield words


def call_of(words):
    """The tool of mdetools that words start, and its own words; None for other programs, which are named above."""
    program, *rest = words
    if program == "srun":
        program, *rest = rest
    if program == "torchrun":
        options, script, rest = launched(rest)
        return call_of(["mdetools", *rest] if script == "mdetools" else ["python", script, *rest])
    if program == "mdetools" and rest:
        return COMMANDS[rest[0]][0], rest[1:]
    if program == "python" and rest[0].startswith("tools/"):
        return rest[0].removeprefix("tools/").removesuffix(".py"), rest[1:]
    script = re.fullmatch(r"tools/(\w+)\.sh", program)
    if script and script[1] in SCRIPTS:
        place, tool = SCRIPTS[script[1]]
        assert rest[place].isdecimal(), words
        return tool, [word for number, word in enumerate(rest) if number != place]
    if script and script[1] == "slurm_train":
        return "train", rest[2:]
    return None


def launched(words):
    """What torchrun makes of its words: its options, the script or module, and the words for that."""
    from torch.distributed.run import get_args_parser

    options = get_args_parser().parse_args(words)
    return options, options.training_script, options.training_script_args


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


COMMAND_LINES = [(page.stem, words) for page in PAGES for words in commands_of(page)]


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
