"""What a file is, by its first bytes, for endings lie; and whether it unpacks to more than it says."""

import mmap
import zipfile
from pathlib import Path
from typing import Literal

from mdetools.errors import UserError, one_line
from mdetools.files import failure_reason

__all__ = ["EXCESS", "LONGEST_PICKLE", "check_sizes", "container_of", "refuse_code", "unreadable"]

# Bytes by which what is read may be more than the file. torch.save packs nothing, so that a whole file has no excess;
# a gigabyte leaves room for tools that do pack, and stops what would fill the memory.
EXCESS = 2**30

# Bytes of the pickle in a zip, which names the tensors. One of a thousand weights with their optimiser's state has half
# a million; each byte may be an instruction that takes microseconds and makes an object.
LONGEST_PICKLE = 2**22

ARCHIVES = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z", b"Rar!": "rar"}
TAR = slice(257, 262)
WEB_PAGE = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<!--")
POINTER = b"version https://git-lfs"

# Functions that torch's restricted unpickler lets a pickle call, and which make gigabytes out of a few bytes.
# Weights, and what mdetools saves beside them, need neither.
ALLOCATING = (b"\nbytearray\n", b"c_codecs\nencode\n")


def container_of(path: Path) -> Literal["zip", "pickle", "safetensors"]:
    """What a file of weights is: torch's zip, its older pickle, or safetensors.

    Raises:
        UserError: if it cannot be read, or is plainly something else, which the message names.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise UserError(f"'{path}' cannot be read ({failure_reason(error)}); see to that and run it again") from error
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    header = int.from_bytes(head[:8], "little")
    if head[8:9] == b"{" and header < size:
        return "safetensors"
    if head[8:10] == b'{"' and header < 2**32:
        raise unreadable(path, f"its header of safetensors has {header} bytes, and the file {size}")
    _refuse_others(path, head)
    return "pickle"


def _refuse_others(path: Path, head: bytes) -> None:
    """Names what people have in place of weights."""
    if not head:
        raise unreadable(path, "it is empty")
    if head.startswith(POINTER):
        raise UserError(f"'{path}' is a Git LFS pointer, not the file; run `git lfs pull` in its folder")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(WEB_PAGE):
        raise UserError(f"'{path}' is a web page, not the file; download it again by the link to the file itself")
    packer = next((name for magic, name in ARCHIVES.items() if head.startswith(magic)), None)
    packer = "tar" if head[TAR] == b"ustar" else packer
    if packer:
        raise UserError(f"'{path}' is a {packer} archive; unpack it and give the file of weights inside")
    text = head.decode("utf-8", errors="replace").rstrip("\ufffd")
    if all(character.isprintable() or character.isspace() for character in text):
        raise unreadable(path, f"it is text that begins with '{one_line(text, 40)}'")


def check_sizes(path: Path, container: str) -> None:
    """Looks at what a file for torch says that it holds, before any of it is unpacked.

    Safetensors need no look: their reader compares all that the header declares with the file's size.

    Args:
        path: the file.
        container: see `container_of`.

    Raises:
        UserError: if it would unpack to far more than the file has, or is damaged.
    """
    if container == "zip":
        pickled = _check_zip(path)
    elif container == "pickle":
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            pickled = next((name for name in ALLOCATING if content.find(name) >= 0), b"")
    else:
        return
    if any(name in pickled for name in ALLOCATING):
        raise refuse_code(path)


def _check_zip(path: Path) -> bytes:
    """The pickle in a zip of torch, whose entries all have a plausible size."""
    size = path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > size + EXCESS:
            raise UserError(
                f"'{path}' would unpack from {size:,} bytes to {unpacked:,}, expected no more than it has, as "
                "torch.save writes it; do not trust it, download it again"
            )
        names = {Path(entry.filename).name: entry for entry in entries}
        if "constants.pkl" in names:
            raise refuse_code(path)  # TorchScript, a program
        if "data.pkl" not in names:
            held = one_line(", ".join(names), 60)
            raise UserError(f"'{path}' is a zip archive of {held}; unpack it and give the file of weights inside")
        if names["data.pkl"].file_size > LONGEST_PICKLE:
            raise UserError(
                f"'{path}' holds {names['data.pkl'].file_size:,} bytes of plain data beside its tensors, expected at "
                f"most {LONGEST_PICKLE:,}; if you trust its source, save its state_dict alone with torch.save"
            )
        return archive.read(names["data.pkl"])


def refuse_code(path: Path) -> UserError:
    """The refusal of a file that holds code."""
    return UserError(
        f"'{path}' is refused: it holds code or objects, or may do so, not tensors and plain data alone; if "
        "you trust its source, load it in Python and save its state_dict again with torch.save"
    )


def unreadable(path: Path, reason: str) -> UserError:
    """The refusal of a file that is no checkpoint, or not a whole one."""
    return UserError(f"'{path}' is truncated or no checkpoint ({reason}); copy or download it again")
