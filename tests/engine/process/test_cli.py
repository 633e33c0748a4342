"""Exit codes, the one line of a mistake, and `KEY=VALUE`."""

import argparse
import errno
import json
import signal
import sys
import warnings

import pytest
import torch
from support.commands import run_train
from support.tiny_training import in_child, train

from mdetools.engine.process.cli import add_config_arguments, key_value, positive, run_cli, user_message, whole
from mdetools.errors import UserError


def outcome(main, capsys, debug=False):
    """Exit code and stderr of a script whose work is `main`."""
    with pytest.raises(SystemExit) as caught:
        run_cli(main, argparse.Namespace(debug=debug))
    return caught.value.code, capsys.readouterr().err


def fail(error):
    def main(args):
        raise error

    return main


def test_success_and_a_code_of_its_own(capsys):
    assert outcome(lambda args: None, capsys) == (0, "")
    assert outcome(lambda args: 1, capsys) == (1, "")


def test_a_mistake_is_one_line_and_code_2(capsys):
    assert outcome(fail(UserError("no data folder 'x'")), capsys) == (2, "error: no data folder 'x'\n")


def test_debug_shows_the_traceback_of_a_mistake_too(capsys):
    code, text = outcome(fail(UserError("no data")), capsys, debug=True)
    assert code == 2 and text.startswith("Traceback") and text.endswith("UserError: no data\nerror: no data\n")


def test_a_fault_of_the_program_keeps_its_traceback():
    for error in (ValueError("a bug"), OSError(errno.EIO, "broken disk")):
        with pytest.raises(type(error)):
            run_cli(fail(error), argparse.Namespace(debug=False))


def test_interruption(capsys):
    assert outcome(fail(KeyboardInterrupt()), capsys) == (130, "\ninterrupted\n")


def test_full_disk_and_full_gpu_are_one_line(capsys):
    code, line = outcome(fail(OSError(errno.ENOSPC, "No space left on device")), capsys)
    assert code == 2 and line.startswith("error: the disk is full") and line.count("\n") == 1
    code, line = outcome(fail(torch.OutOfMemoryError("CUDA out of memory. Tried ...\nmore")), capsys)
    assert (code, line) == (
        2,
        "error: the GPU is out of memory; lower train_dataloader.batch_size, or train with --amp bf16\n",
    )


@pytest.mark.parametrize(
    "text, value",
    [
        ("a.b=3", 3),
        ("a.b=1e-4", 1e-4),
        ("a.b=(1, 2)", (1, 2)),
        ("a.b=[dict, list]", "[dict, list]"),
        ("a.b={'type': 'X'}", {"type": "X"}),
        ("a.b=None", None),
        ("a.b=none", None),
        ("a.b=true", True),
        ("a.b=False", False),
        ("a.b=weights/v2.pth", "weights/v2.pth"),
        ("a.b=x=y", "x=y"),
        ("a.b=", ""),
        ("a.b='3'", "3"),
    ],
)
def test_key_value(text, value):
    key, parsed = key_value(text)
    assert key == "a.b"
    assert parsed == value and type(parsed) is type(value)


@pytest.mark.parametrize("text", ["a.b", "=3"])
def test_key_value_without_a_key_or_a_value(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected KEY=VALUE"):
        key_value(text)


def test_cfg_options_given_twice_add_up():
    for _ in range(2):  # a default that remembers would show in the second round
        parser = argparse.ArgumentParser()
        add_config_arguments(parser)
        assert parser.parse_args(["c.py"]).cfg_options == []
        args = parser.parse_args(["c.py", "--cfg-options", "a=1", "b=2", "--debug", "--cfg-options", "a=3"])
        assert args.cfg_options == [("a", 1), ("b", 2), ("a", 3)]


@pytest.fixture
def interrupt_handler():
    """Ctrl-C is as before after a test in which this process is a rank."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)


def test_a_rank_leaves_its_failure_to_the_launcher(tmp_path, monkeypatch, capsys, interrupt_handler):
    path = tmp_path / "error.json"
    monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(path))

    def recorded():
        message = json.loads(path.read_text())["message"]
        return message["message"], message["extraInfo"]["py_callstack"]

    assert outcome(fail(UserError("no\ndata")), capsys) == (2, "")
    assert recorded() == ("UserError: no data", "error: no data")
    assert outcome(fail(KeyError("a bug")), capsys) == (1, "")
    message, text = recorded()
    assert message == "KeyError: 'a bug'" and text.startswith("Traceback") and text.endswith("KeyError: 'a bug'\n")
    assert outcome(fail(UserError("no data")), capsys, debug=True) == (2, "")
    assert recorded()[1].startswith("Traceback") and recorded()[1].endswith("UserError: no data\nerror: no data")


def test_a_rank_whose_error_file_cannot_be_written_says_it_itself(tmp_path, monkeypatch, capsys, interrupt_handler):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(tmp_path / "file" / "error.json"))
    assert outcome(fail(UserError("no data")), capsys) == (2, "error: no data\n")
    with pytest.raises(KeyError, match="a bug"):
        run_cli(fail(KeyError("a bug")), argparse.Namespace(debug=False))


def train_as_a_script(config, folder, options, debug=False):
    run_cli(lambda args: train(config, folder, options), argparse.Namespace(debug=debug))


def test_an_error_in_a_loader_process_is_one_line(tiny_nyu, tmp_path):
    options = {
        "train_dataloader.num_workers": 1,
        "train_dataloader.dataset.pipeline.crop.size": 280,
        "visualizer.vis_backends": [],
    }
    assert in_child(tmp_path / "log", train_as_a_script, tiny_nyu, tmp_path, options) == 2
    text = (tmp_path / "log").read_text()
    errors = [line for line in text.splitlines() if line.startswith("error")]
    assert len(errors) == 1 and "Traceback" not in text
    assert errors[0].startswith("error: scene/0000")
    assert "smaller than the crop of 280x280" in errors[0]
    assert in_child(tmp_path / "debug", train_as_a_script, tiny_nyu, tmp_path, options, True) == 2
    assert "Traceback" in (tmp_path / "debug").read_text()


def test_message_of_a_loader_process_is_its_last_line():
    relayed = "Caught UserError in DataLoader worker process 0.\nOriginal Traceback:\n  ...\nUserError: a.h5: bad\n"
    assert user_message(UserError(relayed)) == "a.h5: bad"


def test_train_script_says_in_one_line_what_is_wrong(tmp_path):
    wrong = run_train(
        "configs/dav2/vits_nyu.py", "--work-dir", tmp_path / "run", "--cfg-options", "model.hed.features=8"
    )
    assert wrong.returncode == 2
    assert wrong.stderr == (
        "error: config: model (Estimator) has the key 'hed', which nothing reads; did you mean 'head'?\n"
    )
    assert not (tmp_path / "run").exists()


def test_a_launcher_that_did_not_start_the_process_is_named(tiny_nyu, tmp_path):
    def start(config, folder):
        run_cli(lambda args: train(config, folder, launcher="slurm"), argparse.Namespace(debug=False))

    assert in_child(tmp_path / "log", start, tiny_nyu, tmp_path) == 2
    text = (tmp_path / "log").read_text()
    assert text.startswith("error: launcher 'slurm' has not set SLURM_PROCID, SLURM_LOCALID, SLURM_NTASKS")
    assert text.count("\n") == 1


def test_a_warning_is_one_line_without_the_place_in_the_code(capsys):
    def main(args):
        for category in (UserWarning, DeprecationWarning):  # what Python itself does with one, and pytest does not
            line = warnings.formatwarning("a.png: all pixels\nare holes", category, "code.py", 7)
            print(line, end="", file=sys.stderr)

    before = warnings.formatwarning
    assert outcome(main, capsys) == (
        0,
        "warning: a.png: all pixels are holes\nwarning: a.png: all pixels are holes (DeprecationWarning, code.py:7)\n",
    )
    assert warnings.formatwarning is before


@pytest.mark.parametrize(("kind", "least"), [(whole, 0), (positive, 1)])
def test_numbers_of_the_command_line(kind, least):
    assert kind(str(least)) == least and kind("12") == 12
    for text in (str(least - 1), "1.5", "", "two", "²", "٣"):
        with pytest.raises(argparse.ArgumentTypeError, match=f"expected a whole number from {least} on, got '{text}'"):
            kind(text)
