"""The pseudo-labels that belong to images."""

import warnings
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from posixpath import splitext

import numpy as np

from mdetools.datasets.readers.archive import ARCHIVE_ENDINGS, Archive, ArchiveMember
from mdetools.datasets.readers.content import Source
from mdetools.datasets.readers.depth_file import ARCHIVED_ENDINGS, DEPTH_ENDINGS, read_depth_file
from mdetools.datasets.rgbd.depth_kinds import to_relative
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError, one_line

__all__ = ["ARRAY", "find_labels", "read_label"]

ARRAY = "inverse_depth"  # name of the array in a .npz


def find_labels(labels: str, names: Sequence[str]) -> list[Source | None]:
    """The label of each image, by the same path and stem; None where there is none, which is told once.

    Args:
        labels: a folder, or an archive with one of `ARCHIVE_ENDINGS`.
        names: of the images, their paths with endings.

    Raises:
        UserError: if there is no such folder, no image has a label, two files could be the label of one image, or one
            file that of two.
    """
    by_stem = files_by_stem(labels)
    check_one_each(names, by_stem, labels)
    found = [next(iter(by_stem.get(splitext(name)[0], ())), None) for name in names]
    without = [name for name, file in zip(names, found, strict=True) if file is None]
    if without:
        text = f"{labels}: {len(without)} of {len(names)} images have no label, e.g. {one_line(without[0], 200)}"
        if len(without) == len(names):
            stem = splitext(without[0])[0]
            raise UserError(f"{text}, whose label would be {stem}.png or {stem}.npz; set labels, or leave it out")
        warnings.warn(f"{text}; they are left out", stacklevel=4)
    return found


def files_by_stem(labels: str) -> dict[str, list[Source]]:
    """The files that can be labels, by their path without its ending."""
    path, stems = Path(labels), defaultdict(list)
    if path.is_dir():
        names, endings, source_of = files_below(path), DEPTH_ENDINGS, lambda name: str(path / name)
    elif labels.lower().endswith(ARCHIVE_ENDINGS):
        archive = Archive(path)
        names, endings, source_of = archive.names, ARCHIVED_ENDINGS, lambda name: ArchiveMember(archive, name)
    else:
        raise UserError(f"no folder {labels} of labels, nor an archive of that name; set labels, or leave it out")
    for name in names:
        stem, ending = splitext(name)
        if ending.lower() in endings:
            stems[stem].append(source_of(name))
    return stems


def check_one_each(names: Sequence[str], by_stem: dict[str, list[Source]], labels: str) -> None:
    """Checks that images and labels belong together one to one.

    Raises:
        UserError: at the first that do not.
    """
    image_of: dict[str, str] = {}
    for name in names:
        stem = splitext(name)[0]
        other = image_of.setdefault(stem, name)
        files = by_stem.get(stem, ())
        if other != name and files:
            raise UserError(
                f"{labels}: {one_line(other, 200)} and {one_line(name, 200)} would have one label, {stem}, expected "
                "images of different names; rename one of them, or leave it out by a list"
            )
        if len(files) > 1:
            found = one_line(" and ".join(map(str, files)), 300)
            raise UserError(f"{found} could both be the label of {name}, expected one; delete the others")


def read_label(source: Source, key: str | None = None) -> np.ndarray:
    """The inverse depth in a label file, float32 (H, W), of unknown scale and shift, NaN in holes.

    Whole numbers are divided by their type's largest, so that a 16-bit PNG gives 0 .. 1; of floats NaN and infinity are
    holes.

    Args:
        source: the file.
        key: name of the array in it; None is `inverse_depth` in a .npz, and else what `read_depth_file` chooses.

    Raises:
        UserError: if it cannot be read.
    """
    if key is None and str(source).lower().endswith(".npz"):
        key = ARRAY
    values = read_depth_file(source, key)
    scale = 1.0 if values.dtype.kind == "f" else float(np.iinfo(values.dtype).max)
    return to_relative(values, scale)
