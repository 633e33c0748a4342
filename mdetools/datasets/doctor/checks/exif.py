"""Photographs that ask to be turned."""

from mdetools.datasets.doctor.counts import counted
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.measures.exif import JPEG
from mdetools.datasets.doctor.split import Split

__all__ = ["check"]


def check(split: Split) -> list[Finding]:
    """A line if JPEGs have an EXIF orientation: data sets decode them as stored, other programs turn them."""
    turned = [record for record in split.records if record.get("exif")]  # of frames that cannot be read too
    if not turned:
        return []
    values = ", ".join(sorted({str(record["exif"]) for record in turned}))
    line = (
        f"EXIF orientation {values} in {counted(len(turned), 'JPEG')}, expected 1 or none: data sets decode them as "
        "stored, and their depth must lie so too; turn the pixels (jpegtran) or remove the tag (exiftool -Orientation=)"
    )
    frames = [record.get("id") or jpeg_of(record) for record in turned]
    return [Finding("exif", "warning", line, frames)]


def jpeg_of(record: dict) -> str:
    """The photograph of a frame that cannot be read, and so has no id."""
    return next(file for file in record["files"] if file.lower().endswith(JPEG))
