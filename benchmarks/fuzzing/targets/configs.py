"""Config files and options of the command line."""

import argparse
import random
from functools import cache, partial
from pathlib import Path

from support.config_mutations import VITS, mutated_option, paths_of, sources

from fuzzing.target import Target
from mdetools.engine.configs.loading import load_config
from mdetools.engine.process.cli import key_value
from mdetools.errors import UserError

__all__ = ["TARGETS"]


@cache
def paths() -> list[str]:
    """Every dotted path of a config."""
    return list(paths_of(load_config(str(VITS)).to_dict()))


def prepare(ending: str, folder: Path) -> tuple[Path, list[bytes]]:
    return folder / f"case{ending}", [sources()[ending]]


def read(path: Path) -> None:
    load_config(str(path))


def prepare_options(folder: Path) -> tuple[Path, list[bytes]]:
    return folder / "options.txt", [b"model.head.features=64", b"train_dataloader.batch_size=2"]


def read_options(path: Path) -> None:
    try:
        options = [key_value(line) for line in path.read_text(errors="surrogateescape").split("\n")]
    except argparse.ArgumentTypeError as error:  # which argparse tells in one line
        raise UserError(str(error)) from error
    load_config(str(VITS), dict(options))


def other_option(content: bytes, draw: random.Random) -> bytes:
    return mutated_option(draw, paths()).encode(errors="surrogatepass")


TARGETS = [
    *(Target(f"config{ending}", partial(prepare, ending), read, True) for ending in (".py", ".json", ".yaml")),
    Target("options", prepare_options, read_options, True, (other_option, other_option)),
]
