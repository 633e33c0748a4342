"""Files and links that should not be in the folder."""

from mdetools.datasets.doctor.counts import counted
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split

__all__ = ["check"]

WORDS = {
    "hidden": ("dot_files", "dot file", "with the ending of a frame", "delete: macOS leaves such in archives"),
    "empty": ("empty_files", "file", "of 0 bytes", "copy again, or delete"),
    "loops": ("link_loop", "link", "to a folder that they lie in", "delete, since this leads around in a circle"),
    "broken": ("broken_links", "link", "to nothing", "delete, or copy what it should lead to"),
}


def check(split: Split) -> list[Finding]:
    """A line per kind of odd file, but for those that are told of the training set, which may have the same folder."""
    found = []
    for kind, words in WORDS.items():
        told = getattr(split.train.odd_files, kind) if split.train else []
        paths = [path for path in getattr(split.odd_files, kind) if path not in told]
        found += [finding(*words, paths)] if paths else []
    return found


def finding(name: str, thing: str, which: str, cure: str, paths: list[str]) -> Finding:
    """The line of one kind."""
    return Finding(name, "warning", f"{counted(len(paths), thing)} {which}, e.g. {paths[0]}; {cure}", paths)
