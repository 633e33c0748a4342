"""What every script in `tools/` does around its own work: one clear line for a user's mistake, and exit codes."""

import argparse
import atexit
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from mdetools.engine.configs.option_values import expand_home, named_root, parse_value
from mdetools.engine.process.causes import lost_peer, release, resource_message
from mdetools.engine.process.failures import EXIT_USER_ERROR, LOST_PEER, MISTAKE, error_file, record_failure
from mdetools.engine.process.parent_watch import end_with_parent
from mdetools.engine.process.termination import EXIT_TERMINATED, Terminated, sigterm_unwinds
from mdetools.errors import UserError, one_line

__all__ = [
    "add_config_arguments",
    "add_config_options",
    "add_overwrite_argument",
    "add_weights_argument",
    "key_value",
    "positive",
    "run_cli",
    "whole",
]

EXIT_INTERRUPTED = 130


def run_cli(main: Callable[[argparse.Namespace], int | None], args: argparse.Namespace) -> None:
    """Runs `main(args)` and exits: 0 or its own code, 2 after a user's mistake, 130 after Ctrl-C, 143 after SIGTERM.

    A `~` at the beginning of an argument, or of the value of a `KEY=VALUE`, is a home folder, as in a shell.

    A `UserError` is printed as one line `error: ...` on stderr; with `args.debug` its traceback is shown too. Any other
    exception is a fault of the program and keeps its traceback. In a rank that torch elastic started, both go into its
    error file in place of stderr, and the launcher prints them once. Such a rank ends with its launcher.
    """
    is_rank = error_file() is not None
    if is_rank:
        end_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C comes from the launcher, which says so for all ranks
    vars(args).update(expand_home(vars(args)))
    threading.excepthook = tell_of_thread
    try:
        with (
            one_line_warnings(),
            nullcontext() if is_rank else sigterm_unwinds(),
        ):  # a rank may hang in C, where nothing unwinds
            code = main(args) or 0
        (leave if is_rank else sys.exit)(code)
    except Terminated as end:
        if is_rank:
            leave(EXIT_TERMINATED)
        if not end.told:
            print("terminated", file=sys.stderr)
        raise
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    except Exception as error:
        message, lost = user_message(error), lost_peer(error)
        if message is None and lost is None:
            if record_traceback(error):
                sys.exit(1)
            raise
        kind, line = (LOST_PEER, lost) if message is None else (MISTAKE, message)
        shown = "".join(traceback.format_exception(error)) if getattr(args, "debug", False) else ""
        release(error)
        if not record_failure(f"{kind}{line}", f"{shown}error: {line}"):
            print(f"{shown}error: {line}", file=sys.stderr)
        sys.exit(1 if message is None else EXIT_USER_ERROR)


def leave(code: int) -> None:
    """Ends a rank that has done its work: runs the exit handlers, and skips the interpreter's own teardown.

    In that the threads of gloo sometimes abort the process, and a run that has ended well would be a failed one.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def tell_of_thread(failure: threading.ExceptHookArgs) -> None:
    """Tells in one line that a thread, such as TensorBoard's writer, has ended for a reason that the user can fix."""
    message = user_message(failure.exc_value) if isinstance(failure.exc_value, Exception) else None
    if message is None:
        threading.__excepthook__(failure)
    else:
        print(f"warning: {failure.thread.name if failure.thread else 'a thread'} ended: {message}", file=sys.stderr)


@contextmanager
def one_line_warnings() -> Iterator[None]:
    """Lets Python show warnings by `warning_line`."""
    before = warnings.formatwarning
    warnings.formatwarning = warning_line
    try:
        yield
    finally:
        warnings.formatwarning = before


def warning_line(message: Warning | str, category: type[Warning], filename: str, lineno: int, line=None) -> str:
    """A warning as a tool shows it: one line, without the place in the code unless it is for programmers."""
    place = "" if category is UserWarning else f" ({category.__name__}, {filename}:{lineno})"
    return f"warning: {one_line(message, 2000)}{place}\n"


def record_traceback(error: Exception) -> bool:
    """Writes the error file of a rank, if this is one: whether that was done."""
    return record_failure(f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))


def user_message(error: Exception) -> str | None:
    """The line to show for an exception that the user can fix, or None for a fault of the program."""
    if isinstance(error, UserError):
        return str(error)
    if type(error).__name__ == "OutOfMemoryError":
        return "the GPU is out of memory; lower train_dataloader.batch_size, or train with --amp bf16"
    return resource_message(error)


def key_value(text: str) -> tuple[str, object]:
    """Parses `key.sub=value` of `--cfg-options`; see `parse_value` for the value."""
    key, separator, value = text.partition("=")
    if not separator or not all(part.strip() and part.isprintable() for part in key.split(".")):
        raise argparse.ArgumentTypeError(
            f"expected KEY=VALUE with a key such as model.head, got '{one_line(text, 200)}'"
        )
    if any("\ud800" <= character <= "\udfff" for character in text):  # how Python passes on bytes that are not UTF-8
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE in UTF-8, got '{one_line(text, 200)}'")
    return key, parse_value(value)


def whole(text: str, least: int = 0) -> int:
    """Parses a whole number from `least` on."""
    if not (text.isascii() and text.isdecimal()) or int(text) < least:
        raise argparse.ArgumentTypeError(f"expected a whole number from {least} on, got '{one_line(text, 100)}'")
    return int(text)


def positive(text: str) -> int:
    """Parses a whole number from 1 on."""
    return whole(text, 1)


def add_config_arguments(parser: argparse.ArgumentParser, data_root: bool = True) -> None:
    """Adds what all tools that read a config share; `--data-root` for those that read data sets."""
    parser.add_argument("config", metavar="CONFIG", help="config file, e.g. configs/dav2/vits_nyu.py")
    if data_root:
        parser.add_argument(
            "--data-root",
            action="append",
            type=named_root,
            metavar="[NAME=]DIR",
            help="folder that replaces the data_root of every data set; in a ConcatDataset, of each by its name",
        )
    add_config_options(parser)


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Adds what all tools share that read a config, wherever they are told its name."""
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action="extend",  # of a copy of the default
        type=key_value,
        default=[],
        metavar="KEY=VALUE",
        help="overrides of config entries, e.g. train_dataloader.batch_size=4 optim_wrapper.optimizer.lr=1e-5",
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of a user's mistake too")


def add_overwrite_argument(parser: argparse.ArgumentParser) -> None:
    """Adds what all tools share that write files under names of the user's; see `preflight.check_replaced`."""
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there already")


def add_weights_argument(parser: argparse.ArgumentParser) -> None:
    """Adds what all tools that load weights share."""
    parser.add_argument(
        "--weights-as-is",
        action="store_true",
        help="load weights even if they say that they were made for another model, or are not finite",
    )
