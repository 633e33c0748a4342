"""Streets with what stands and moves in them."""

from mdetools.synthetic.streets.classes import STREET_CLASSES, STREET_TYPES
from mdetools.synthetic.streets.street import Street, sample_street

__all__ = ["STREET_CLASSES", "STREET_TYPES", "Street", "sample_street"]
