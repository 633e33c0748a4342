"""Streets with what stands and moves in them."""

from mdetools.synthetic.streets.street import Street, sample_street

__all__ = ["Street", "sample_street"]
