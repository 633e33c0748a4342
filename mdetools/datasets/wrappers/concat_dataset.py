"""Several data sets, one after the other."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from torch.utils.data import Dataset

from mdetools.contract import Sample, SampleIndex
from mdetools.datasets.collation import fill_missing
from mdetools.datasets.sample_index import resolve_index
from mdetools.errors import UserError
from mdetools.registry import DATASETS

__all__ = ["ConcatDataset"]


@DATASETS.register_module()
class ConcatDataset(Dataset):
    """The samples of several data sets, of whatever kind, without balancing.

    Every sample has the keys of all of them: what its own data set does not know is a hole, as `FIELDS` says, so that
    batches are alike on every rank. Each data set's first sample tells its keys.

    Args:
        datasets: configs from DATASETS, each with a pipeline of its own: a list, or a dict by name, which a derived
            config and the command line can change one by one; a None in it is left out.

    Raises:
        UserError: if there is none, or some have `depth` alone and others `inverse_depth` alone.
    """

    def __init__(self, datasets: Sequence[dict] | Mapping[str, dict | None]) -> None:
        configs = datasets.values() if isinstance(datasets, Mapping) else datasets
        self.datasets = [DATASETS.build(config) for config in configs if config is not None]
        if not self.datasets:
            raise UserError("ConcatDataset has no data set; name one or more in datasets")
        self.ends = list(accumulate(map(len, self.datasets)))
        keys = [list(dataset[0]) if len(dataset) else [] for dataset in self.datasets]
        check_one_truth(keys)
        self.names = {name: None for names in keys for name in names}

    @property
    def metainfo(self) -> dict:
        """What MMEngine's loops tell a metric: the kinds of ground truth, and the classes if all have the same."""
        parts = [getattr(dataset, "metainfo", {}) for dataset in self.datasets]
        kinds = {part.get("ground_truth") for part in parts} - {None}
        classes = [part.get("classes") for part in parts]
        same = classes[0] is not None and all(names == classes[0] for names in classes)
        return {"ground_truth": ", ".join(sorted(kinds)) or None, **({"classes": classes[0]} if same else {})}

    def __len__(self) -> int:
        return self.ends[-1]

    def place(self, position: int) -> tuple[Dataset, int]:
        """The data set that a position lies in, and the position in it."""
        part = bisect_right(self.ends, position)
        return self.datasets[part], position - (self.ends[part - 1] if part else 0)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, with its own keys alone. See `BaseDataset.load`."""
        dataset, position = self.place(index)
        return dataset.load(position)

    def __getitem__(self, index: int | SampleIndex) -> Sample:
        seed, epoch, position = resolve_index(index, len(self))
        dataset, inside = self.place(position)
        return fill_missing(dataset[SampleIndex(seed, epoch, inside)], self.names)


def check_one_truth(keys: Sequence[Sequence[str]]) -> None:
    """Checks that no data set would seem to have a ground truth that it lacks.

    One mask, `valid_mask`, is for all maps of a sample. Where it belongs to depth, the hole under `inverse_depth` would
    be taken for infinitely far, and the other way round.

    Args:
        keys: of each data set's samples.

    Raises:
        UserError: if some have `depth` alone and others `inverse_depth` alone.
    """
    kinds = [{"depth", "inverse_depth"}.intersection(names) for names in keys]
    if {"depth"} in kinds and {"inverse_depth"} in kinds:
        raise UserError(
            f"ConcatDataset: data set {kinds.index({'depth'}) + 1} gives depth in metres and data set "
            f"{kinds.index({'inverse_depth'}) + 1} inverse depth of unknown scale, expected one kind; add "
            "dict(type='InverseDepth') to the pipelines of the former, before PackSample"
        )
