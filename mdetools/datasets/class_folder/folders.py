"""Which classes there are, and which images each of them has."""

from collections.abc import Sequence
from pathlib import Path

from mdetools.datasets.matching import IMAGE_ENDINGS
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError, one_line, suggest

__all__ = ["classes_of", "images_by_class"]


def folders_in(folder: Path) -> list[str]:
    """Names of the folders in a folder, in their order; hidden ones are none."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def classes_of(folder: Path, training: Path, named: Sequence[str] | None) -> tuple[str, ...]:
    """The names of the classes, in the order of their labels.

    Args:
        folder: of the split.
        training: of the training split, whose classes all splits have; need not be there.
        named: as the config names them; None looks at the folders.

    Raises:
        UserError: if there is no such folder, it has fewer than two classes, or one that has no label.
    """
    if not folder.is_dir():
        there = folders_in(folder.parent) if folder.parent.is_dir() else []
        raise UserError(
            f"no folder {folder}, expected one with a folder per class; {suggest(folder.name, there, 'set data_root')}"
        )
    own = folders_in(folder)
    source = training if training.is_dir() else folder
    classes = tuple(folders_in(source) if named is None else named)
    if len(classes) < 2:
        found = f"the one class '{one_line(classes[0], 80)}'" if classes else "no folder, so no class,"
        raise UserError(f"{source}: has {found}, expected two classes or more, a folder for each; add the others")
    unknown = next((name for name in own if name not in classes), None)
    if unknown is not None:
        where = "those named in classes" if named is not None else f"the classes in {source}"
        raise UserError(
            f"{folder / one_line(unknown, 80)}: is none of {where}, so it has no label; {suggest(unknown, classes)} "
            "Move it away, or name all classes in classes=[...]"
        )
    return classes


def images_by_class(folder: Path, classes: Sequence[str]) -> dict[str, list[str]]:
    """The images of each class that a split has, by paths relative to its folder.

    Raises:
        UserError: if a class's folder has no image, or none of the classes has a folder.
    """
    found: dict[str, list[str]] = {}
    for name in classes:
        if not (folder / name).is_dir():
            continue
        files = files_below(folder / name)
        images = [file for file in files if file.lower().endswith(IMAGE_ENDINGS)]
        if not images:
            what = f"none of {len(files)} files is an image" if files else "there is no file"
            raise UserError(
                f"{folder / name}: the class is empty, {what}, expected some with one of {' '.join(IMAGE_ENDINGS)}; "
                "copy them there, or delete the folder"
            )
        found[name] = [f"{name}/{image}" for image in images]
    if not found:
        raise UserError(
            f"{folder}: has none of the classes {one_line(', '.join(classes), 200)}; set data_root or split"
        )
    return found
