"""Ways to damage a file, each a function of its content and a generator."""

import random
import struct
from collections.abc import Sequence

from fuzzing.target import Target

__all__ = ["mutated", "mutated_bytes"]

HEADER = 600  # bytes in which half of the changes fall: there a file says what it holds
EXTREMES = (
    0,
    1,
    2,
    7,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    2**24,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**40,
    2**63,
    2**64 - 1,
)
FLOATS = (0.0, -1.0, float("nan"), float("inf"), -float("inf"), 1e300, -1e300, 1e-300, 1e38, 1e-40)
WORDS = (
    "nan", "inf", "-inf", "-1", "0", "-0", "1e300", "-1e300", "1e-300", "1e400", "0x10", "1_000", "99999999",
    "1" * 4301, "0-99999999", "0-9999999999", "9-1", "*", "../..", "/", "", ".", "~", "x" * 300, "x" * 5000, "é",
    "１２", "²", "None", "#", '"', "'", "True", "()", "[" * 200, "{", "%s", "{0}", "\\", "1.5", "1,5", "2011_09_26",
)  # fmt: skip
SIGNS = (b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe9", b"\x1b[31m", b"\r", b"\r\n", b"\t", b"\n\n", b"\x0c", b"\x85",
         "\u202e".encode(), "\u2028".encode(), b"\xed\xa0\x80", b"\x7f", b":", b"=")  # fmt: skip


def place(content: bytes | bytearray, rng: random.Random) -> int:
    """A position in a file, often in its header."""
    end = min(HEADER, len(content)) if rng.random() < 0.5 else len(content)
    return rng.randrange(end) if end else 0


def run(content: bytes | bytearray, rng: random.Random) -> slice:
    """A part of a file, most often a short one."""
    at = place(content, rng)
    return slice(at, at + min(int(rng.expovariate(1 / 16)) + 1, len(content)))


def flip_bits(content: bytes, rng: random.Random) -> bytes:
    """Flips one to eight bits."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 8))):
        if changed:
            changed[place(changed, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def set_bytes(content: bytes, rng: random.Random) -> bytes:
    """Random bytes, or one byte many times, in place of a part."""
    part = run(content, rng)
    size = len(content[part])
    value = rng.randbytes(size) if rng.random() < 0.5 else rng.choice((b"\x00", b"\xff", b" ")) * size
    return content[: part.start] + value + content[part.start + size :]


def set_number(content: bytes, rng: random.Random) -> bytes:
    """An extreme number in place of two, four or eight bytes."""
    order, at = rng.choice("<>"), place(content, rng)
    kind = rng.choice("BHIQfd")
    if kind in "fd":
        value = rng.choice(FLOATS)
        value = value if kind == "d" or not abs(value) > 1e39 else float("inf")
    else:
        value = rng.choice(EXTREMES) & (256 ** struct.calcsize(kind) - 1)
    number = struct.pack(order + kind, value)
    return content[:at] + number + content[at + len(number) :]


def cut(content: bytes, rng: random.Random) -> bytes:
    """Ends the file early."""
    return content[: place(content, rng)]


def take_out(content: bytes, rng: random.Random) -> bytes:
    """Leaves out a part."""
    part = run(content, rng)
    return content[: part.start] + content[part.stop :]


def insert(content: bytes, rng: random.Random) -> bytes:
    """Puts random bytes in."""
    at = place(content, rng)
    return content[:at] + rng.randbytes(int(rng.expovariate(1 / 16)) + 1) + content[at:]


def repeat(content: bytes, rng: random.Random) -> bytes:
    """Writes a part twice or more often, somewhere."""
    part, at = run(content, rng), place(content, rng)
    return content[:at] + content[part] * rng.choice((1, 1, 2, 50)) + content[at:]


def change_word(content: bytes, rng: random.Random) -> bytes:
    """An odd word in place of one of the text's."""
    lines = content.split(b"\n")
    number = rng.randrange(len(lines))
    words = lines[number].split(b" ")
    words[rng.randrange(len(words))] = rng.choice(WORDS).encode()
    lines[number] = b" ".join(words)
    return b"\n".join(lines)


def change_words(content: bytes, rng: random.Random) -> bytes:
    """A word left out, written twice, or exchanged with another of its line."""
    lines = content.split(b"\n")
    number = rng.randrange(len(lines))
    words = lines[number].split(b" ")
    at, other = rng.randrange(len(words)), rng.randrange(len(words))
    words[at : at + 1] = rng.choice(([], [words[at]] * 2, [words[other]]))
    lines[number] = b" ".join(words)
    return b"\n".join(lines)


def change_lines(content: bytes, rng: random.Random) -> bytes:
    """A line left out, repeated, or moved."""
    lines = content.split(b"\n")
    at = rng.randrange(len(lines))
    line = lines.pop(at)
    for _ in range(rng.choice((0, 1, 2, 1000))):
        lines.insert(rng.randrange(len(lines) + 1), line)
    return b"\n".join(lines)


def insert_sign(content: bytes, rng: random.Random) -> bytes:
    """A character that text seldom has."""
    at = rng.choice((0, place(content, rng), place(content, rng), len(content)))
    return content[:at] + rng.choice(SIGNS) + content[at:]


BINARY = (flip_bits, set_bytes, set_number, set_number, cut, take_out, insert, repeat)
TEXT = (change_word, change_word, change_word, change_words, change_lines, insert_sign, flip_bits, cut, repeat)


def mutated_bytes(content: bytes, rng: random.Random) -> bytes:
    """A binary content, damaged in one to four places."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = rng.choice(BINARY)(content, rng)
    return content


def mutated(target: Target, seeds: Sequence[bytes], rng: random.Random) -> bytes:
    """One damaged file of a target, made of its valid ones."""
    content = rng.choice(seeds)
    if rng.random() < 0.05:  # the begin of one file and the end of another
        other = rng.choice(seeds)
        return content[: place(content, rng)] + other[place(other, rng) :]
    if target.mutators and rng.random() < 0.4:
        return rng.choice(target.mutators)(content, rng)
    if not target.text or rng.random() < 0.1:
        return mutated_bytes(content, rng)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = rng.choice(TEXT)(content, rng)
    return content
