"""Which inputs there are, and where the results of each go."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mdetools.apis.inference.inputs import find_files
from mdetools.apis.inference.video import is_video
from mdetools.datasets.readers.archive import ArchiveMember
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError

__all__ = ["Plan", "plan", "result_places"]


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

    Raises:
        UserError: if there is none in one of them, or two would have one result.
    """
    images: dict[str, str | ArchiveMember] = {}
    videos: dict[str, str] = {}
    for path in inputs:
        for source, name in named_files(path):
            found = videos if is_video(name) else images
            target = Path(name).with_suffix("").as_posix()
            other = found.setdefault(target, source)
            if other != source:
                raise UserError(
                    f"{other} and {source} would both be written to {Path(out, target)}*, expected other names; rename "
                    "one, run them apart, or give the folder that holds both folders"
                )
    return Plan(images, videos)


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
