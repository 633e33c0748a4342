"""What a checkpoint says it was trained on, and whether a data set is one of these."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from mdetools.engine.configs.nested_datasets import leaves_of
from mdetools.errors import one_line
from mdetools.registry import DATASETS
from mdetools.weights.config_text import parse_config_text

__all__ = ["Domain", "Source", "domain_of", "named_in", "sources_of", "trained_on"]

# Readers of one layout each, which anybody's data may have: the folder alone tells what is in it.
ANYBODYS = {"RGBDDataset", "StereoPairDataset", "ImageFolderDataset"}
# Several readers of one data set.
FAMILIES = {"NYULabeledDataset": "NYUDataset", "NYUListDataset": "NYUDataset"}


class Source(NamedTuple):
    """One data set as a config names it.

    Attributes:
        kind: name of its class.
        root: its `data_root`; empty if it has none.
        split: its `split`, as text.
    """

    kind: str
    root: str = ""
    split: str = ""

    def __str__(self) -> str:
        split = f" ({self.split})" if self.split else ""
        return one_line(f"{self.kind} in {self.root or 'no folder'}{split}", 200)


class Domain(NamedTuple):
    """How a data set is related to what a model was trained on.

    Attributes:
        name: `in-domain`, `zero-shot`, `mixed` or `unknown`.
        reason: why it is unknown or mixed, or that the very split was trained on; else empty.
    """

    name: str
    reason: str = ""


def sources_of(dataset: object) -> list[Source]:
    """The data sets that a data set's config holds, those in wrappers too.

    >>> sources_of(dict(type="RepeatDataset", dataset=dict(type="NYUDataset", data_root="data/nyu", split="train")))
    [Source(kind='NYUDataset', root='data/nyu', split='train')]
    """
    if not isinstance(dataset, Mapping):
        return []
    return [
        Source(class_name(leaf.get("type")), text_of(leaf.get("data_root")), text_of(leaf.get("split")))
        for leaf in leaves_of(dataset)
    ]


def trained_on(checkpoint: Mapping, source: str) -> list[Source] | None:
    """The data sets of the training that wrote a checkpoint; None if it does not say.

    The config in it is parsed and never executed, and no name in it is imported.

    Args:
        checkpoint: as `read_checkpoint` gives it.
        source: name of the file, for the error.

    Raises:
        UserError: if its config cannot be read.
    """
    meta = checkpoint.get("meta", {})
    if "mdetools_version" not in meta:
        return None
    loader = parse_config_text(meta.get("cfg", ""), source).get("train_dataloader")
    return sources_of(loader.get("dataset") if isinstance(loader, Mapping) else None) or None


def named_in(facts: Mapping) -> list[Source] | None:
    """The data sets of the training that a published file's facts name under `trained_on`; None if they name none.

    >>> named_in(dict(trained_on=[dict(kind="RGBDDataset", root="worlds", split="train")]))
    [Source(kind='RGBDDataset', root='worlds', split='train')]
    """
    named = facts.get("trained_on")
    entries = [one for one in named if isinstance(one, Mapping)] if isinstance(named, list) else []
    return [Source(*(text_of(one.get(name)) for name in Source._fields)) for one in entries] or None


def domain_of(trained: Sequence[Source] | None, tested: Sequence[Source]) -> Domain:
    """Whether a data set was trained on, by class and folder.

    It was (`in-domain`) if the training names a data set of its class in its folder, or in one of the same name
    elsewhere, as on another machine; whatever the class, if the very folder is the same. It was not (`zero-shot`) if
    the training names no data set of its class; a class that reads anybody's data, such as `RGBDDataset`, in another
    folder is another data set. All else is `unknown`.

    >>> domain_of([Source("HypersimDataset", "data/hypersim")], [Source("NYUDataset", "data/nyu")]).name
    'zero-shot'

    Args:
        trained: the data sets of the training; None if they are not known.
        tested: those that the data set in question is made of.
    """
    if not trained:
        return Domain("unknown", "the file does not say what it was trained on")
    parts = [_domain_of_one(trained, one) for one in tested] or [Domain("unknown", "it names no data set")]
    names = {part.name for part in parts}
    if "unknown" in names or len(names) == 1:
        return next((part for part in parts if part.name == "unknown"), parts[0])
    known = ", ".join(str(one) for one, part in zip(tested, parts, strict=True) if part.name == "in-domain")
    return Domain("mixed", f"trained on a part of it: {known}")


def _domain_of_one(trained: Sequence[Source], tested: Source) -> Domain:
    alike = [one for one in trained if family(one) == family(tested)]
    own = [one for one in alike if same_name(one.root, tested.root)]
    own += [one for one in trained if tested.root and normal(one.root) == normal(tested.root)]
    if own:
        leak = next((one for one in own if one.split == tested.split), None)
        return Domain("in-domain", f"trained on the very split that is tested, {leak}" if leak else "")
    if alike and tested.kind not in ANYBODYS:
        return Domain("unknown", f"trained on {alike[0]}, tested on {tested}: the folders' names differ")
    return Domain("zero-shot")


def family(source: Source) -> str:
    """The data set that a class reads, by the class that stands for it; registered names of one class are one."""
    DATASETS.import_from_location()
    component = DATASETS.module_dict.get(source.kind)
    name = source.kind if component is None else component.__name__
    return FAMILIES.get(name, name)


def class_name(kind: object) -> str:
    """Of a registered name, a dotted path, a class, or what Python prints of one."""
    name = kind.__name__ if isinstance(kind, type) else str(kind)
    return (re.findall(r"\w+", name) or [""])[-1]


def text_of(value: object) -> str:
    """An argument as text; nothing for None."""
    return "" if value is None else one_line(value, 300)


def normal(root: str) -> str:
    """A folder without `.`, double slashes, and a slash at its end; of Windows too."""
    return str(PurePosixPath(root.replace("\\", "/"))) if root else ""


def same_name(one: str, other: str) -> bool:
    """Whether two folders have the same last name, as copies on two machines have."""
    names = [PurePosixPath(normal(root)).name for root in (one, other)]
    return bool(names[0]) and names[0] == names[1]
