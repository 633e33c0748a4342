"""All that is known of one data set, put together for the checks."""

from torch.utils.data import Dataset

from mdetools.datasets.doctor.checks import diagnose
from mdetools.datasets.doctor.folder import odd_files
from mdetools.datasets.doctor.parts import depth_scale_of, roots_of
from mdetools.datasets.doctor.pipeline_fit import pipeline_fits
from mdetools.datasets.doctor.report import report_of
from mdetools.datasets.doctor.split import DepthLimits, Split

__all__ = ["gather", "summarize"]


def gather(
    name: str,
    dataset: Dataset,
    records: list[dict],
    limits: DepthLimits | None = None,
    batch_size: int = 1,
    train: Split | None = None,
) -> Split:
    """The split of a data set that was examined.

    Args:
        name: of the split.
        dataset: what was examined; its pipeline is tried on the first frame of each image size.
        records: what `examine` gave.
        limits: the depths that the config counts.
        batch_size: of the loader.
        train: the split that is trained on, if this is another one.
    """
    readable = [record for record in records if "error" not in record]
    files = [file for record in records for file in record["files"]]
    return Split(
        name=name,
        records=records,
        limits=limits,
        depth_scale=depth_scale_of(dataset),
        batch_size=batch_size,
        fits=pipeline_fits(dataset, readable),
        odd_files=odd_files(roots_of(dataset), files),
        train=train,
    )


def summarize(dataset: Dataset, records: list[dict], batch_size: int = 1, limits: DepthLimits | None = None) -> dict:
    """What the checks find in a data set on its own, as `report_of` gives it.

    Args:
        dataset: what was examined.
        records: what `examine` gave.
        batch_size: of the loader.
        limits: the depths that count.
    """
    split = gather("data set", dataset, records, limits, batch_size)
    return report_of(split, diagnose(split))
