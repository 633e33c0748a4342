"""The data contract, as data: what travels between data sets, models, losses and metrics."""

from mdetools.contract.fields import FIELDS, Field, check_known, names_of
from mdetools.contract.quantities import QUANTITIES, Quantity, inverse_depth_of, quantity_of
from mdetools.contract.types import Prediction, Sample, SampleIndex, Targets

__all__ = [
    "FIELDS",
    "QUANTITIES",
    "Field",
    "Prediction",
    "Quantity",
    "Sample",
    "SampleIndex",
    "Targets",
    "check_known",
    "inverse_depth_of",
    "names_of",
    "quantity_of",
]
