"""The data doctor: goes through a whole data set and says what is wrong with it, before a training run finds out.

`examine` measures each frame (`measures/`, in worker processes), the checks (`checks/`, a file for each kind) look at
what was measured of all of them, and `report_of` makes the report; `summarize` does both.

>>> from mdetools.datasets import NYUDataset  # doctest: +SKIP
>>> dataset = NYUDataset("data/nyu", "train", pipeline=[dict(type="PackSample")])  # doctest: +SKIP
>>> print(format_report("train", summarize(dataset, list(examine(dataset, workers=4)))))  # doctest: +SKIP
"""

from mdetools.datasets.doctor.checks import CHECKS, diagnose
from mdetools.datasets.doctor.examination import examine, examine_frame
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.gathering import gather, summarize
from mdetools.datasets.doctor.parts import parts_of
from mdetools.datasets.doctor.report import format_report, report_of
from mdetools.datasets.doctor.split import DepthLimits, Split

__all__ = [
    "CHECKS",
    "DepthLimits",
    "Finding",
    "Split",
    "diagnose",
    "examine",
    "examine_frame",
    "format_report",
    "gather",
    "parts_of",
    "report_of",
    "summarize",
]
