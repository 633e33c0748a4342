"""Options of the command line and config files, mutated at random: nothing but a UserError may come of them."""

import json
import random
import string
from collections.abc import Iterator
from pathlib import Path

from mdetools.engine.configs.loading import load_config
from support.paths import ROOT

__all__ = ["cases", "mutated_file", "mutated_option"]

VITS = ROOT / "configs" / "dav2" / "vits_nyu.py"
VALUES = [
    "0", "-1", "1.5", "nan", "1e999", "none", "true", "x", "", "'8'", "2011_09_26", "00", "(1, 2)", "[1, 'a']", "[]",
    "{}", "{'type': 'X'}", "{'type': 'DPTHead'}", "{'type': 5}", "{'_delete_': True}", "{1: 2}", "{[1]: 2}", "b'x'",
    "os.system", "os", "..", "torch.nn.Linear", "subprocess.Popen", "...", "~/x", "\u00e9\u2028",
    "-" * 100_000 + "1", "[" * 1000, "9" * 5000, "{'a': " * 30 + "1" + "}" * 30,
]  # fmt: skip
ENDINGS = ["", ".", ".type", ".x", ".0", ".-1", ".0.x", "._scope_", "._delete_", ".priority", ".type.x", "..type"]
WORDS = [
    b"_base_",
    b"!!python/name:os.system",
    b"&a [*a]",
    b"<<: *a",
    b"{{_base_.model}}",
    b"type",
    b"\x00",
    b"\xff",
    b"'",
]


def paths_of(node: object, path: str = "") -> Iterator[str]:
    """The dotted path of every entry of a config."""
    if path:
        yield path
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield from paths_of(value, f"{path}.{key}".lstrip("."))


def mutated_option(rng: random.Random, paths: list[str]) -> str:
    """One `KEY=VALUE`, mostly of a key that is there."""
    key = rng.choice(paths) + rng.choice(ENDINGS)
    if rng.random() < 0.2:
        at = rng.randrange(len(key) + 1)
        key = key[:at] + rng.choice(string.printable) + key[at + rng.randrange(2) :]
    return f"{key}={rng.choice(VALUES)}"


def mutated_file(rng: random.Random, sources: dict[str, bytes]) -> tuple[str, bytes]:
    """The ending and the content of a config file with a few bytes changed, moved, doubled or lost."""
    ending = rng.choice(sorted(sources))
    content = bytearray(sources[ending])
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(content) + 1)
        stop = min(start + rng.choice([1, 1, 4, 40]), len(content))
        piece = bytes(content[start:stop])
        new = [
            b"",
            piece + piece,
            piece[::-1],
            bytes([rng.randrange(256)]),
            rng.choice(WORDS),
            rng.choice(VALUES).encode(),
        ]
        content[start:stop] = rng.choice(new)
    return ending, bytes(content)


def sources() -> dict[str, bytes]:
    """A whole config in each format: the program on top of one of mdetools', and the same as data."""
    plain = json.dumps(load_config(str(VITS)).to_dict(), indent=1)
    program = f"_base_ = ['{VITS}']\nimport math\nmodel = dict(head=dict(features=32))\nassert math.pi > 3\n"
    data = f"_base_: {VITS}\nmodel:\n  head: {{features: 32}}\nrandomness: &r {{seed: 3}}\n_x: *r\n"
    return {".py": program.encode(), ".json": plain.encode(), ".yaml": data.encode()}


def cases(seed: int, count: int, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A config file and options for each case, every second one with a mutated file in `folder`."""
    rng, whole = random.Random(seed), sources()
    paths = list(paths_of(load_config(str(VITS)).to_dict()))
    for index in range(count):
        if index % 2:
            ending, content = mutated_file(rng, whole)
            file = folder / f"case{ending}"
            file.write_bytes(content)
            yield str(file), []
        else:
            yield str(VITS), [mutated_option(rng, paths) for _ in range(rng.randint(1, 2))]
