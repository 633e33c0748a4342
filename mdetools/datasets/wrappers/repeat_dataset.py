"""A data set several times over."""

from torch.utils.data import Dataset

from mdetools.contract import Sample, SampleIndex
from mdetools.datasets.sample_index import resolve_index
from mdetools.errors import UserError
from mdetools.registry import DATASETS

__all__ = ["RepeatDataset"]


@DATASETS.register_module()
class RepeatDataset(Dataset):
    """A data set so many times in each epoch, with other augmentations each time.

    Args:
        dataset: config from DATASETS.
        times: how often.

    Raises:
        UserError: if `times` is below 1.
    """

    def __init__(self, dataset: dict, times: int) -> None:
        if times < 1:
            raise UserError(f"RepeatDataset: times is {times}, expected 1 or more")
        self.dataset = DATASETS.build(dataset)
        self.times = times

    @property
    def metainfo(self) -> dict[str, str | None]:
        """What MMEngine's loops tell a metric about the data set."""
        return getattr(self.dataset, "metainfo", {})

    def __len__(self) -> int:
        return self.times * len(self.dataset)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`. See `BaseDataset.load`."""
        return self.dataset.load(index % len(self.dataset))

    def __getitem__(self, index: int | SampleIndex) -> Sample:
        seed, epoch, position = resolve_index(index, len(self))
        time, inside = divmod(position, len(self.dataset))
        return self.dataset[SampleIndex(seed, epoch * self.times + time, inside)]
