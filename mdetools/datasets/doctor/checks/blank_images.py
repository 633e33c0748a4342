"""Images of one colour."""

from mdetools.datasets.doctor.counts import part_of
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

FLATTEST = 1.0  # grey levels of spread over 16 x 16 places


def check(split: Split) -> list[Finding]:
    """A line for images in which nothing is to be seen, as 12 bits in a 16-bit file become; an error if all are so."""
    known = split.having("contrast")
    blank = [record for record in known if record["contrast"] < FLATTEST]
    if not blank:
        return []
    line = (
        f"{part_of(blank, known, 'images are')} of one colour, e.g. {blank[0]['id']}, expected something to see; "
        "look at how they were converted"
    )
    return [Finding("blank_image", "error" if len(blank) == len(known) else "warning", line, ids(blank))]
