"""Files inside of .zip and .tar archives, read without unpacking them to the disk."""

import io
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from mdetools.datasets.readers.file_handle import FileHandle
from mdetools.datasets.readers.packed import reading_packed
from mdetools.errors import UserError, one_line
from mdetools.reading import check_size, note_read, require_file

__all__ = ["ARCHIVE_ENDINGS", "Archive", "ArchiveMember"]

ARCHIVE_ENDINGS = (".zip", ".tar")
COPY_IT = "copy it again, or write it again"


class Archive:
    """An archive whose files are listed once; each process opens it for itself when it first reads one.

    Folders, links, and names that begin with a dot, or lie in such a folder, are left out.

    Args:
        path: of a file with one of `ARCHIVE_ENDINGS`.

    Raises:
        UserError: if it cannot be read, is damaged, or has a name that leads out of it.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        require_file(path, "an archive")
        is_zip = self.path.lower().endswith(".zip")
        self.handle = FileHandle(partial(zipfile.ZipFile if is_zip else open_limited, self.path))
        with reading_packed(path, "the archive", COPY_IT):
            found = zip_entries(self.handle.get()) if is_zip else tar_entries(self.handle.get())
            entries = {inner_name(name, path): place for name, place in found}
        self.places = {name: place for name, place in entries.items() if not is_hidden(name)}

    @property
    def names(self) -> list[str]:
        """The paths of the files in it, sorted, with `/` between folders."""
        return sorted(self.places)

    def read(self, name: str) -> bytes:
        """The content of one file.

        Raises:
            UserError: if it is damaged, or beyond the size limit.
        """
        place, what = self.places[name], f"{self.path}/{name}"
        note_read(what)
        with reading_packed(what, "the file", COPY_IT):
            file = self.handle.get()
            if isinstance(place, str):
                check_size(file.getinfo(place).file_size, what)
                return file.read(place)
            check_size(place.size, what)
            file.seek(place.offset)
            content = file.read(place.size)
            if len(content) < place.size:
                raise EOFError("the archive ends too early")
            return content


class ArchiveMember(NamedTuple):
    """One file of an archive, which readers take in place of a path."""

    archive: Archive
    name: str

    def __str__(self) -> str:
        return f"{self.archive.path}/{self.name}"

    def read(self) -> bytes:
        """Its content; see `Archive.read`."""
        return self.archive.read(self.name)


class TarPlace(NamedTuple):
    """Where a file of a .tar lies, in bytes."""

    offset: int
    size: int


class LimitedReader(io.BufferedReader):
    """A file of which no more is read at once than the size limit: a header may say whatever it likes."""

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes."""
        check_size(size, f"{self.name}: a piece of the archive")
        return super().read(size)


def open_limited(path: str) -> LimitedReader:
    """Opens a file as `LimitedReader`."""
    return LimitedReader(io.FileIO(path))


def zip_entries(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The files of a .zip, by the name that `zipfile` finds them under."""
    for entry in archive.infolist():
        if not entry.is_dir() and not stat.S_ISLNK(entry.external_attr >> 16):
            yield entry.filename, entry.filename


def tar_entries(file: io.BufferedReader) -> Iterator[tuple[str, TarPlace]]:
    """The files of a .tar, with their places."""
    try:
        archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 - it only reads `file`, which stays open
        while entry := archive.next():
            if entry.isreg() and not entry.issparse():
                yield entry.name, TarPlace(entry.offset_data, entry.size)
            archive.members.clear()  # or each takes a kilobyte of memory
    except tarfile.TarError as error:
        raise ValueError(one_line(error)) from error


def inner_name(name: str, path: str | Path) -> str:
    """The name of a file in an archive, with `/` between folders, on whatever system it was written.

    Raises:
        UserError: if it leads out of the archive.
    """
    slashed = name.replace("\\", "/")
    parts = [part for part in slashed.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or slashed.startswith("/") or parts[0].endswith(":"):
        raise UserError(
            f"{path}: has a file called '{one_line(name, 200)}', expected names that stay inside of the archive; pack "
            "it again"
        )
    return "/".join(parts)


def is_hidden(name: str) -> bool:
    """Whether a file, or a folder above it, begins with a dot."""
    return any(part.startswith(".") for part in name.split("/"))
