"""The images below a folder, of a pattern, in a list, or in an archive."""

from collections.abc import Sequence
from pathlib import Path
from posixpath import normpath, splitext
from typing import NamedTuple

from mdetools.datasets.image_folder.patterns import fits, split_pattern
from mdetools.datasets.matching import IMAGE_ENDINGS
from mdetools.datasets.presence import file_names
from mdetools.datasets.readers.archive import ARCHIVE_ENDINGS, Archive, ArchiveMember
from mdetools.datasets.readers.content import Source
from mdetools.datasets.rgbd.frame_list import find_list, list_names, read_frame_list
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError, one_line, suggest
from mdetools.reading import is_file

__all__ = ["Images", "find_images"]

LISTS = (".txt", ".csv")
COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
UP = ".."


class Images(NamedTuple):
    """Where images lie.

    Attributes:
        root: the folder or the archive that the names are relative to.
        names: their paths in it, with `/` and endings; never absolute, and without `..`.
        files: what reads each.
        pattern: that paths below `root` were looked for by, in parts; None if a list or an archive names them.
    """

    root: Path
    names: list[str]
    files: Sequence[Source]
    pattern: Sequence[str] | None = None


def find_images(source: str, split: str | None) -> Images:
    """The images that a data set is made of, in the order of their names, or of the list.

    Args:
        source: a folder, which is gone through with the folders below; a pattern such as `photos/**/*.jpg`; a list,
            .txt or .csv; or an archive, one of `ARCHIVE_ENDINGS`.
        split: name or path of a list of images below the folder `source`; None takes all.

    Raises:
        UserError: if there is no such thing, it cannot be read, or it holds no image.
    """
    path = Path(source)
    if path.is_dir() and split is not None:
        listed = find_list(split, path)
        if listed is None:
            raise UserError(f"no list {path / list_names(split)[0]} of images; write one, or set data_root or split")
        return images_of_list(listed, path)
    if split is not None:
        raise UserError(f"split is '{one_line(split, 80)}' and {source} is no folder, expected one; leave split out")
    if path.is_dir():
        return images_in_folder(path, ["**"], source)
    if is_file(path):
        return images_of_file(path)
    pattern = split_pattern(source)
    if pattern is not None:
        return images_in_folder(Path(pattern[0]), pattern[1], source)
    raise UserError(missing(path))


def images_of_file(path: Path) -> Images:
    """The images that a list names, or an archive holds."""
    name = path.name.lower()
    if name.endswith(LISTS):
        return images_of_list(path, path.parent)
    if name.endswith(COMPRESSED):
        raise UserError(
            f"{path}: is compressed as a whole, so that no image in it can be read by itself; unpack it to a .tar, as "
            "gunzip does, which is read as it is"
        )
    if not name.endswith(ARCHIVE_ENDINGS):
        known = ", ".join((*LISTS, *ARCHIVE_ENDINGS))
        raise UserError(f"{path}: is no folder of images, nor a list or an archive of them ({known}); name one")
    archive = Archive(path)
    names = [name for name in archive.names if is_image(name)]
    check_any(names, len(archive.names), path)
    return Images(path, names, [ArchiveMember(archive, name) for name in names])


def images_of_list(path: Path, root: Path) -> Images:
    """The images that a list names, one a line, in its order."""
    frames = read_frame_list(path, root, ("image",))
    names = [f"{inside(frame.id)}{frame.files[0].suffix}" for frame in frames]
    return Images(root, names, [str(frame.files[0]) for frame in frames])


def images_in_folder(folder: Path, pattern: list[str], source: str) -> Images:
    """The images below a folder that fit a pattern; `source` is what the user wrote.

    Raises:
        UserError: if there are none.
    """
    if not folder.is_dir():
        raise UserError(missing(folder))
    files = [name for name in files_below(folder) if fits(name.split("/"), pattern)]
    names = [name for name in files if is_image(name)]
    check_any(names, len(files), source)
    return Images(folder, names, [str(folder / name) for name in names], pattern)


def inside(name: str) -> str:
    """A path without what leads out of a folder.

    >>> inside("../others/1"), inside("a/../b")
    ('others/1', 'b')
    """
    return "/".join(part for part in normpath(name).split("/") if part not in ("", UP))


def is_image(name: str) -> bool:
    """Whether a file is an image, by its ending."""
    return splitext(name)[1].lower() in IMAGE_ENDINGS


def check_any(names: list[str], total: int, source: object) -> None:
    """Checks that there are images among so many files of a source."""
    if not names:
        found = f"none of {total} files is an image" if total else "there is no file"
        raise UserError(
            f"{source}: {found}, expected some with one of {' '.join(IMAGE_ENDINGS)}; name a place that has them"
        )


def missing(path: Path) -> str:
    """The line about a path that is not there, with the name that is nearest."""
    there = path.parent
    while not there.is_dir() and there != there.parent:
        path, there = there, there.parent
    names = sorted(name for name in file_names(there) if not name.startswith("."))
    return (
        f"no {path}, expected a folder, a list, a pattern or an archive of images; "
        f"{suggest(path.name, names, 'name one that is there')}"
    )
