"""Files and links that should not be in the folder."""

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split

__all__ = ["check"]

WORDS = {
    "hidden": ("dot_files", "dot files with the ending of a frame", "delete them: macOS leaves them in archives"),
    "empty": ("empty_files", "files of 0 bytes", "copy them again, or delete them"),
    "loops": ("link_loop", "links to a folder that they lie in", "delete them, since they lead around in a circle"),
    "broken": ("broken_links", "links to nothing", "delete them, or copy what they should lead to"),
}


def check(split: Split) -> list[Finding]:
    """A line per kind of odd file."""
    found = {kind: getattr(split.odd_files, kind) for kind in WORDS}
    return [
        Finding(WORDS[kind][0], "warning", f"{len(paths)} {WORDS[kind][1]}, e.g. {paths[0]}; {WORDS[kind][2]}", paths)
        for kind, paths in found.items()
        if paths
    ]
