"""The data doctor: goes through a whole data set and says what is wrong with it, before a training run finds out.

>>> from mdetools.datasets import NYUDataset  # doctest: +SKIP
>>> dataset = NYUDataset("data/nyu", "train", pipeline=[dict(type="PackSample")])  # doctest: +SKIP
>>> print(format_report("train", summarize(dataset, list(examine(dataset)))))  # doctest: +SKIP
"""

from mdetools.datasets.doctor.examination import examine, examine_frame
from mdetools.datasets.doctor.report import format_report, summarize
from mdetools.datasets.doctor.suspicion import suspected_units

__all__ = ["examine", "examine_frame", "format_report", "summarize", "suspected_units"]
