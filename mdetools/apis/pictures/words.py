"""The words of `--models`, when pictures follow them."""

from collections.abc import Sequence
from pathlib import Path

from mdetools.apis.inference.video import is_video
from mdetools.datasets.image_folder.images import LISTS
from mdetools.datasets.image_folder.patterns import split_pattern
from mdetools.datasets.matching import IMAGE_ENDINGS
from mdetools.errors import UserError

__all__ = ["split_words"]


def split_words(models: Sequence[str], images: Sequence[str]) -> tuple[list[str], list[str]]:
    """Models and images of a command line, where images may have come behind the models.

    >>> split_words(["dav2/vits_nyu:best.pth", "mdetools-tiny", "a.jpg", "b.jpg"], [])
    (['dav2/vits_nyu:best.pth', 'mdetools-tiny'], ['a.jpg', 'b.jpg'])

    Args:
        models: the words of `--models`: models, then perhaps images, folders, lists or patterns.
        images: those that came before it.

    Raises:
        UserError: if there are no images, or no models.
    """
    count = next((place for place, word in enumerate(models) if is_picture(word)), len(models))
    found = [*images, *models[count:]]
    if not models[:count]:
        raise UserError("--models names no model, expected CONFIG:CKPT or a published model; put them behind it")
    if not found:
        raise UserError("no images are named, expected files, folders, lists or patterns; put them before --models")
    return list(models[:count]), found


def is_picture(word: str) -> bool:
    """Whether a word names pictures, by its ending, as a folder, or as a pattern."""
    pictured = word.lower().endswith((*IMAGE_ENDINGS, *LISTS)) or is_video(word)
    return pictured or Path(word).is_dir() or split_pattern(word) is not None
