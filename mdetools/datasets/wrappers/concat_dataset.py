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
        UserError: if there is none.
    """

    def __init__(self, datasets: Sequence[dict] | Mapping[str, dict | None]) -> None:
        configs = datasets.values() if isinstance(datasets, Mapping) else datasets
        self.datasets = [DATASETS.build(config) for config in configs if config is not None]
        if not self.datasets:
            raise UserError("ConcatDataset has no data set; name one or more in datasets")
        self.ends = list(accumulate(map(len, self.datasets)))
        self.names = {name: None for dataset in self.datasets if len(dataset) for name in dataset[0]}

    @property
    def metainfo(self) -> dict[str, str | None]:
        """What MMEngine's loops tell a metric about the data set: the kinds of ground truth."""
        kinds = {getattr(dataset, "metainfo", {}).get("ground_truth") for dataset in self.datasets} - {None}
        return {"ground_truth": ", ".join(sorted(kinds)) or None}

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
