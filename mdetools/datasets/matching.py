"""Files that belong together, such as an image and its depth, by their names."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from mdetools.errors import UserError, one_line

__all__ = ["IMAGE_ENDINGS", "by_name"]

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".avif", ".jp2")


def by_name(files: Sequence[str], pattern: str, endings: Sequence[str], folder: Path) -> dict[str, str]:
    """The files that a pattern fits, by what stands for its `*`.

    >>> by_name(["a/im0.png", "a/im1.png", "b/c/im0.jpg"], "*/im0", [".png", ".jpg"], Path("."))
    {'a': 'a/im0.png', 'b/c': 'b/c/im0.jpg'}
    >>> by_name(["a/left/1.png", "a/right/1.png"], "left", [".png"], Path("."))
    {'a/1': 'a/left/1.png'}
    >>> by_name(["a/rgb_1.png", "a/depth_1.png"], "rgb_*", [".png"], Path("."))
    {'a/1': 'a/rgb_1.png'}

    Args:
        files: paths relative to `folder`, with `/`.
        pattern: `*` with what comes before and after, without an ending or with one; it stands for a path with all
            its folders. A pattern without a `*` is the name of a folder; at the top, in a scene, or both.
        endings: of the files, lower-case.
        folder: names the place in the error.

    Raises:
        UserError: if two files have one name.
    """
    before, star, after = pattern.partition("*")
    name = pattern.strip("/")
    found = defaultdict(list)
    for file in files:
        stem, dot, ending = file.rpartition(".")
        if f"{dot}{ending}".lower() not in endings:
            continue
        if star:
            text = file if after.lower().endswith(tuple(endings)) else stem
            of_name = before and "/" not in before  # the beginning of the file's name, not of the path
            at = text.rfind("/") + 1 if of_name else 0
            fits = text[at:].startswith(before) and text.endswith(after) and len(text) > at + len(before) + len(after)
            key = text[:at] + text[at + len(before) : len(text) - len(after)] if fits else ""
        else:
            above, inside, rest = f"/{stem}".partition(f"/{name}/")
            key = f"{above}/{rest}"[1:] if inside else ""
        if key:
            found[key].append(file)
    for names in found.values():
        if len(names) > 1:
            raise UserError(
                f"{folder}: {one_line(' and '.join(names), 300)} have the same name but for the ending, expected one "
                f"file; write the ending into the pattern '{one_line(pattern, 100)}', as *.png, or write a list"
            )
    return {name: names[0] for name, names in found.items()}
