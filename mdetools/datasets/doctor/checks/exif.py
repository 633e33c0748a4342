"""Photographs that ask to be turned."""

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]


def check(split: Split) -> list[Finding]:
    """A line if JPEGs have an EXIF orientation: data sets decode them as stored, other programs turn them."""
    turned = split.having("exif")
    if not turned:
        return []
    values = ", ".join(sorted({str(record["exif"]) for record in turned}))
    line = (
        f"{len(turned)} JPEGs have an EXIF orientation ({values}), expected 1 or none: they are decoded as stored, and "
        "their depth must lie so too; turn the pixels (jpegtran) or remove the tag (exiftool -Orientation=)"
    )
    return [Finding("exif", "warning", line, ids(turned))]
