"""`--data-root`: the folders of the data sets that a config names, those inside of other data sets too."""

from collections.abc import Iterable, Iterator, Mapping

from mmengine.config import Config

from mdetools.errors import UserError, one_line, suggest

__all__ = ["DataRoots", "set_data_root"]

# A folder for all data sets, or folders by the names of a concatenation's; None there stands for the others.
DataRoots = str | Mapping[str | None, str] | Iterable[tuple[str | None, str]]


def set_data_root(node, data_root: DataRoots) -> None:
    """Sets `data_root` of the data sets below `node`, a config or a part of one, in place.

    A folder without a name is that of every data set outside of concatenations. What a concatenation holds goes by the
    names of its `datasets`, or by their numbers if they are a list.

    Raises:
        UserError: if a folder would be that of several data sets of a concatenation, or there is no such name.
    """
    roots = {None: data_root} if isinstance(data_root, str) else dict(data_root)
    if isinstance(node, Config):
        node = {key: value for key, value in node.items() if key.endswith("_dataloader")}
    names = {}
    assign(node, roots.get(None), roots, "", names)
    unknown = next((name for name in roots if name not in names and name is not None), None)
    if unknown is not None:
        cure = suggest(unknown, names) if names else f"give the folder alone, --data-root {roots[unknown]}"
        raise UserError(f"--data-root {unknown}={roots[unknown]}: no data set of a concatenation has that name; {cure}")


def assign(node: object, root: str | None, roots: Mapping, path: str, names: dict) -> None:
    """Sets `data_root` below a node that lies at `path`; `root` is what its data sets get that have no name.

    Notes the names of concatenations in `names`.
    """
    if not isinstance(node, dict):
        return
    if "data_root" in node and root is not None:
        node["data_root"] = root
    for key, child in node.items():
        if key == "datasets" and isinstance(child, dict | list | tuple):
            assign_concatenated(dict(members_of(child)), root, roots, f"{path}{key}", names)
        elif isinstance(child, dict):
            assign(child, root, roots, f"{path}{key}.", names)


def assign_concatenated(members: Mapping[str, dict], root: str | None, roots: Mapping, path: str, names: dict) -> None:
    """Sets `data_root` below each of a concatenation's data sets.

    Raises:
        UserError: if one folder would be that of several.
    """
    names |= dict.fromkeys(members)
    without = [name for name, member in members.items() if name not in roots and has_data_root(member)]
    if root is not None and without and len(members) > 1:
        example = " ".join(f"--data-root {name}=DIR" for name in without)
        raise UserError(
            f"--data-root {one_line(root, 200)}: {path} has {len(members)} data sets, expected a folder for each; give "
            f"{one_line(example, 200)}"
        )
    for name, member in members.items():
        assign(member, roots.get(name, root), roots, f"{path}.{name}.", names)


def members_of(datasets: Mapping | Iterable) -> Iterator[tuple[str, dict]]:
    """Names, or numbers, and configs of a concatenation's data sets."""
    pairs = datasets.items() if isinstance(datasets, dict) else enumerate(datasets)
    return ((str(name), config) for name, config in pairs if isinstance(config, dict))


def has_data_root(node: object) -> bool:
    """Whether there is a `data_root` at or below a node."""
    if isinstance(node, dict):
        return "data_root" in node or any(map(has_data_root, node.values()))
    return isinstance(node, list | tuple) and any(map(has_data_root, node))
