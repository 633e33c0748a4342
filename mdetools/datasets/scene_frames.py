"""Frames of published data sets whose layout is a tree of scenes: found by their paths, chosen by scene."""

import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from mdetools.datasets.rgbd.frame_list import find_list, numbered_lines
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError, one_line, suggest

__all__ = ["SceneFrame", "SceneSplit", "find_frames"]

SceneSplit = str | Path | Sequence[str]
ALL = "all"


class SceneFrame(NamedTuple):
    """An image and its depth, by their paths relative to the root."""

    image: str
    depth: str


def find_frames(
    root: Path, image: re.Pattern, depth_of: Callable[[re.Match], str], split: SceneSplit, layout: str
) -> list[SceneFrame]:
    """The images of a split that have depth, sorted by path.

    Warns, once each, of images without depth and of scenes without images, which are left out.

    Args:
        root: folder of the data set.
        image: what the whole path of an image, relative to the root, looks like.
        depth_of: gives the path of an image's depth.
        split: `all`; one scene or several, such as `Scene01` or `Scene01/clone`: folders that images lie below; or the
            name or path of a .txt file of scenes, one per line.
        layout: what a path looks like, for errors.

    Raises:
        UserError: if the folder is not there, or has no such image, or the split none.
    """
    if not root.is_dir():
        raise UserError(f"no folder {root}, expected {layout} in it; set --data-root")
    files = files_below(root)
    found = [match for match in map(image.fullmatch, files) if match]
    if not found:
        raise UserError(
            f"{root}: none of its {len(files)} files is an image in the layout of this data set, expected {layout}; "
            "set --data-root"
        )
    scenes = read_scenes(split, root)
    chosen = found if scenes is None else in_scenes(found, scenes, root)
    there, pairs = set(files), [SceneFrame(match.string, depth_of(match)) for match in chosen]
    frames = [frame for frame in pairs if frame.depth in there]
    if len(frames) < len(pairs):
        lost = next(frame.depth for frame in pairs if frame.depth not in there)
        text = f"{root}: {len(pairs) - len(frames)} of {len(pairs)} images have no depth, e.g. {one_line(lost, 200)}"
        if not frames:
            raise UserError(f"{text}; unpack the archives of depth into the same tree")
        warnings.warn(f"{text}; they are left out", stacklevel=3)
    return frames


def read_scenes(split: SceneSplit, root: Path) -> list[str] | None:
    """The scenes of a split; None is all of them.

    Raises:
        UserError: if a list of scenes is empty or cannot be read.
    """
    if not isinstance(split, str | Path):
        scenes, place = list(split), "split"
    elif str(split) == ALL:
        return None
    else:
        place = find_list(split, root)
        lines = [] if place is None else numbered_lines(place, "scenes, one per line")
        scenes = [str(split)] if place is None else [line.strip() for _, line in lines]
    if not scenes:
        raise UserError(f"{place}: names no scene, expected at least one; fix the list, or take split='{ALL}'")
    return [scene.strip("/") for scene in scenes]


def in_scenes(found: list[re.Match], scenes: list[str], root: Path) -> list[re.Match]:
    """The images that lie in one of the scenes.

    Raises:
        UserError: if there is none.
    """
    images_of = dict.fromkeys(scenes, 0)
    depths = sorted({scene.count("/") + 1 for scene in images_of})
    chosen = []
    for match in found:
        folders = match.string.split("/")[:-1]
        runs = ("/".join(folders[at : at + depth]) for depth in depths for at in range(len(folders) - depth + 1))
        scene = next((run for run in runs if run in images_of), None)
        if scene is not None:
            images_of[scene] += 1
            chosen.append(match)
    empty = [scene for scene, count in images_of.items() if not count]
    if empty:
        example = one_line(empty[0], 200)
        text = f"{root}: {len(empty)} of {len(images_of)} scenes of the split have no image, e.g. {example}"
        if not chosen:
            folders = {folder for match in found for folder in match.string.split("/")[:-1]}
            cure = "fix the split, write a list of that name, or set --data-root"
            raise UserError(f"{text}; {suggest(empty[0], sorted(folders), cure)}")
        warnings.warn(f"{text}; they are left out", stacklevel=4)
    return chosen
