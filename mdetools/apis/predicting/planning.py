"""Which inputs there are, and where the results of each go."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mdetools.apis.inference.inputs import find_files
from mdetools.apis.inference.video import is_video
from mdetools.datasets.image_folder.patterns import split_pattern
from mdetools.datasets.readers.archive import ArchiveMember
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError

__all__ = ["Plan", "check_frames", "plan", "result_places"]

FRAME = re.compile(r"\d{6,}")  # name of a frame's files, in a folder called as its video


class Plan(NamedTuple):
    """The inputs by the paths of their results in the output folder, without endings.

    Attributes:
        images: paths, or members of archives.
        videos: paths.
    """

    images: dict[str, str | ArchiveMember]
    videos: dict[str, str]


def plan(inputs: Sequence[str], out: str) -> Plan:
    """The images and videos that paths, folders, patterns, lists and archives mean; a folder's tree is kept.

    Results are called as their inputs without the ending; those of inputs that differ by it alone keep it.

    Raises:
        UserError: if there is none in one of them, or two would have one result.
    """
    images: dict[str, str | ArchiveMember] = {}
    videos: dict[str, str] = {}
    named = [pair for path in inputs for pair in without_results(named_files(path), path, out)]
    alike = Counter((is_video(name), without_ending(name)) for name in {name for _, name in named})
    for source, name in named:
        found, stem = videos if is_video(name) else images, without_ending(name)
        target = stem if alike[is_video(name), stem] == 1 else name
        other = found.setdefault(target, source)
        if other != source and not same_file(other, source):
            raise UserError(
                f"{other} and {source} would both be written to {Path(out, target)}*, expected other names; rename "
                "one, run them apart, or give the folder that holds both folders"
            )
    return Plan(images, videos)


def without_results(
    found: list[tuple[str | ArchiveMember, str]], path: str, out: str
) -> list[tuple[str | ArchiveMember, str]]:
    """The files of an input without those in `out`, if that lies below the folder that was gone through.

    They are results of an earlier run, which else would be inputs of the next.

    Raises:
        UserError: if nothing else is there.
    """
    pattern = split_pattern(path)
    folder = Path(path) if Path(path).is_dir() or pattern is None else Path(pattern[0])
    results = Path(out).resolve()
    if not folder.is_dir() or folder.resolve() == results or not results.is_relative_to(folder.resolve()):
        return found
    inside = f"{results.relative_to(folder.resolve()).as_posix()}/"
    kept = [(source, name) for source, name in found if not name.startswith(inside)]
    if not kept:
        raise UserError(f"{path}: holds nothing but the results in {out}, expected images; name another input or --out")
    return kept


def without_ending(name: str) -> str:
    """A path without its ending, with `/`."""
    return Path(name).with_suffix("").as_posix()


def same_file(one: str | ArchiveMember, other: str | ArchiveMember) -> bool:
    """Whether two paths, such as `a.png` and `./a.png`, are of one file."""
    return isinstance(one, str) and isinstance(other, str) and Path(one).resolve() == Path(other).resolve()


def check_frames(planned: Plan, out: str) -> None:
    """Checks that no file of an image has the name of that of a video's frame.

    Raises:
        UserError: at the first that has.
    """
    for target, source in planned.images.items():
        folder, _, name = target.rpartition("/")
        if folder in planned.videos and FRAME.fullmatch(name):
            raise UserError(
                f"{source} and a frame of {planned.videos[folder]} would both be written to {Path(out, target)}.*, "
                "expected other names; rename one, or run them apart"
            )


def result_places(planned: Plan, out: str, quantities: Sequence[str], suffixes: Sequence[str]) -> Iterator[Path]:
    """The files that a run may write: pictures, videos, and further files of each, of a video's first frame alone.

    Args:
        planned: the inputs.
        out: folder of the results.
        quantities: that the model may predict, which pictures are named after.
        suffixes: of the further files.
    """
    for target in planned.images:
        base = Path(out, target)
        yield from (base.with_name(f"{base.name}_{name}.png") for name in quantities)
        yield from (base.with_name(base.name + suffix) for suffix in suffixes)
    for target in planned.videos:
        base = Path(out, target)
        yield from (base.with_name(f"{base.name}_{name}.mp4") for name in quantities)
        yield from (base / f"{0:06d}{suffix}" for suffix in suffixes)


def named_files(path: str) -> list[tuple[str | ArchiveMember, str]]:
    """The files that an input means, each with the name of its results; the videos of a folder are among them."""
    if is_video(path):
        return [(path, Path(path).name)]
    videos = []
    if Path(path).is_dir():
        videos = [(str(Path(path, name)), name) for name in files_below(Path(path)) if is_video(name)]
    try:
        return [*((file.source, file.name) for file in find_files(path)), *videos]
    except UserError:
        if videos:  # and no image
            return videos
        raise
