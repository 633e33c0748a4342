"""What `KEY=VALUE` and `~` mean on the command line."""

import argparse
from pathlib import Path

import pytest

from mdetools.engine.configs.option_values import expand_home, parse_value
from mdetools.engine.process.cli import key_value, run_cli


@pytest.mark.parametrize(
    "text",
    [
        "2011_09_26", "2011_09_26_drive_0002_sync", "2011-09-26", "0005", "00", "1_0", "1_0.5", "-1_0", "0x1f", "0b1",
        "1j",
        "1e999", "12e4567", "9" * 5000, "...", "b'x'", "{1, 2}", "{[1]: 2}", "5#3", "10m", "-True", "--1", "f'x'",
        "-" * 100_000 + "1", "(" * 100_000, "[" * 500 + "]" * 500, "C:\\data", "[a, b]", "",
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_what_is_no_plain_literal_stays_text(text, recwarn):
    assert parse_value(text) == text
    assert not recwarn


@pytest.mark.parametrize(
    "text, value",
    [
        ("0", 0), ("-3", -3), ("+3", 3), ("10", 10), ("5.", 5.0), (".5", 0.5), ("-1e-5", -1e-5), ("1E3", 1000.0),
        ("28,42", (28, 42)), ("[2011_09_26, 5]", ["2011_09_26", 5]), ("(00, 01, 10)", ("00", "01", 10)),
        ("['a', 2011_09_26]", ["a", "2011_09_26"]),
        ("{'split': (2011_09_26,), 'n': -1_0}", {"split": ("2011_09_26",), "n": "-1_0"}),
        ("'2011'", "2011"), ("NONE", None), ("True", True), (" 7 ", 7),
    ],
)  # fmt: skip
def test_numbers_are_those_that_everybody_writes(text, value):
    parsed = parse_value(text)
    assert parsed == value and type(parsed) is type(value)


@pytest.mark.parametrize("text", ["a..b=1", ".a=1", "a.=1", " =1", ".=1", "a. .b=1", "\udcff=1", "a=\udcff"])
def test_a_key_with_an_empty_part_or_of_broken_bytes_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected KEY=VALUE") as caught:
        key_value(text)
    assert "\n" not in str(caught.value)


def test_home_is_written_out_at_the_beginning_alone(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert expand_home("~/nyu") == "/home/me/nyu" and expand_home("~") == "/home/me"
    assert expand_home("~root/x") == str(Path("~root/x").expanduser())
    for text in ("a/~", "~nobody-of-that-name/x", "x~"):
        assert expand_home(text) == text
    assert expand_home(Path("~/nyu")) == Path("/home/me/nyu")
    nested = {"a": ["~/x", ("~/y", 3)], "b": None}
    assert expand_home(nested) == {"a": ["/home/me/x", ("/home/me/y", 3)], "b": None}


def test_home_reaches_every_argument_of_a_tool(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    arguments = argparse.Namespace(config="~/c.py", out=Path("~/o.npz"), debug=False, data_root="~/nyu", workers=3)
    arguments.cfg_options = [key_value("train_dataloader.dataset.data_root=~/nyu"), key_value("a=['~/b']")]
    seen = []
    with pytest.raises(SystemExit):
        run_cli(lambda args: seen.append(vars(args)), arguments)
    assert seen[0] == {
        "config": "/home/me/c.py", "out": Path("/home/me/o.npz"), "debug": False, "data_root": "/home/me/nyu",
        "workers": 3,
        "cfg_options": [("train_dataloader.dataset.data_root", "/home/me/nyu"), ("a", ["/home/me/b"])],
    }  # fmt: skip
