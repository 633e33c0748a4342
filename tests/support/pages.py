"""The commands in README and docs, as words, and the tool that each of them starts."""

import re
import shlex

from mdetools.commands import COMMANDS
from support.paths import ROOT

__all__ = ["COMMAND_LINES", "PAGES", "call_of", "commands_of"]

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
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


COMMAND_LINES = [(page.stem, words) for page in PAGES for words in commands_of(page)]
