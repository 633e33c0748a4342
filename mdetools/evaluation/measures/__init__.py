"""What is measured on one image: columns, functions, and which direction is better."""

from mdetools.evaluation.measures.measure import ABSENT, Measure
from mdetools.evaluation.measures.table import MEASURE_FAMILIES, MEASURES, columns_of, get_measure

__all__ = ["ABSENT", "MEASURES", "MEASURE_FAMILIES", "Measure", "columns_of", "get_measure"]
