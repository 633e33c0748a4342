"""Which process labels which images, and where the labels go."""

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from posixpath import splitext

from mdetools.datasets.image_folder.patterns import fits
from mdetools.errors import UserError

__all__ = ["check_apart", "label_paths", "missing_batches", "share_of"]


def label_paths(names: Sequence[str], out: Path, suffix: str) -> list[Path]:
    """The label file of each image: the same path and stem below `out`.

    >>> label_paths(["a/1.jpg"], Path("labels"), ".png")[0].as_posix()
    'labels/a/1.png'

    Args:
        names: of the images, paths relative to their folder.
        out: folder of the labels.
        suffix: of a label file.

    Raises:
        UserError: if two images would have one label, or one would lie outside of `out`.
    """
    taken: dict[str, str] = {}
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise UserError(f"{name}: lies outside of the images' folder, so its label would outside of {out}")
        stem = splitext(name)[0]
        other = taken.setdefault(stem, name)
        if other != name:
            raise UserError(
                f"{other} and {name} differ in their ending alone, so that {stem}{suffix} would be the label of both; "
                "rename one, or leave it out with a list of images"
            )
    return [out / f"{stem}{suffix}" for stem in taken]


def check_apart(paths: Sequence[Path], out: Path, images: Path, pattern: Sequence[str]) -> None:
    """Checks that labels do not come to lie where images are looked for, and would be taken for some.

    Args:
        paths: of the labels, below `out`.
        out: folder of the labels.
        images: folder below which images are looked for.
        pattern: that their paths in it fit, in parts.

    Raises:
        UserError: if one does.
    """
    real, top = out.resolve(), images.resolve()
    if not real.is_relative_to(top):
        return
    within = real.relative_to(top).parts
    if any(fits([*within, *path.relative_to(out).parts], pattern) for path in paths):
        raise UserError(f"{out}: lies in the folder of the images, {images}; choose one beside it for the labels")


def share_of(count: int, batch_size: int, rank: int, world_size: int) -> list[range]:
    """The batches of one process: of those of `batch_size` images that follow each other, every n-th.

    The batch that an image is in depends neither on the number of processes nor on the labels that are there already,
    so that its label is the same to the last bit.

    >>> share_of(7, 2, rank=1, world_size=2)
    [range(2, 4), range(6, 7)]

    Args:
        count: of all images.
        batch_size: of images.
        rank: of the process.
        world_size: number of processes.
    """
    starts = range(0, count, batch_size)[rank::world_size]
    return [range(start, min(start + batch_size, count)) for start in starts]


def missing_batches(
    batches: Sequence[range], paths: Sequence[Path], is_whole: Callable[[Path], bool]
) -> tuple[list[range], set[int]]:
    """What is left to do of a process's share.

    Returns:
        The batches that lack a label, and the positions of the images without one.
    """
    missing = {position for batch in batches for position in batch if not _is_there(paths[position], is_whole)}
    return [batch for batch in batches if not missing.isdisjoint(batch)], missing


def _is_there(path: Path, is_whole: Callable[[Path], bool]) -> bool:
    try:
        return is_whole(path)
    except OSError:
        return False
