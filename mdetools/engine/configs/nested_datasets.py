"""The data sets in the config of one that may be made of others."""

from collections.abc import Callable, Mapping

__all__ = ["change_leaves", "leaves_of", "pipeline_of"]


def change_leaves(cfg: Mapping, change: Callable[[Mapping], dict]) -> dict:
    """The config of a data set, in which those that hold no others are changed.

    >>> change_leaves(dict(type="A", dataset=dict(type="B")), lambda leaf: {**leaf, "split": "val"})
    {'type': 'A', 'dataset': {'type': 'B', 'split': 'val'}}

    Args:
        cfg: of one data set, with others in its `dataset` or `datasets` or not.
        change: makes the new config of a data set from the old one.
    """
    if isinstance(cfg.get("dataset"), Mapping):
        return {**cfg, "dataset": change_leaves(cfg["dataset"], change)}
    parts = cfg.get("datasets")
    if isinstance(parts, Mapping):
        return {**cfg, "datasets": {name: _changed(part, change) for name, part in parts.items()}}
    if isinstance(parts, list | tuple):
        return {**cfg, "datasets": [_changed(part, change) for part in parts]}
    return change(cfg)


def _changed(part: object, change: Callable[[Mapping], dict]) -> object:
    """One of several data sets; a None leaves it out."""
    return change_leaves(part, change) if isinstance(part, Mapping) else part


def leaves_of(cfg: Mapping) -> list[Mapping]:
    """The configs of the data sets in one that hold no others; of a None in a concatenation there is none."""
    leaves: list[Mapping] = []

    def note(leaf: Mapping) -> dict:
        leaves.append(leaf)
        return dict(leaf)

    change_leaves(cfg, note)
    return leaves


def pipeline_of(node: object) -> object:
    """The first pipeline in the config of a data set that may hold others; None if there is none."""
    if isinstance(node, Mapping):
        if node.get("pipeline"):
            return node["pipeline"]
        node = list(node.values())
    for child in node if isinstance(node, list | tuple) else ():
        found = pipeline_of(child)
        if found is not None:
            return found
    return None
