"""What a line of a split names."""

from typing import NamedTuple

from mdetools.layouts.kitti import LEFT, RIGHT, split_line

__all__ = ["KITTIFrame"]


class KITTIFrame(NamedTuple):
    """One stereo pair, seen from one of its two sides."""

    drive: str  # <date>/<drive>
    number: int
    side: str  # l or r
    annotated: bool = True  # False: the list says `None` where the path of its depth-annotated PNG would stand

    @property
    def id(self) -> str:
        """The line of a split that names this frame alone."""
        return split_line(self.drive, self.number, self.side)

    @property
    def date(self) -> str:
        """Folder of the date, which has one calibration."""
        return self.drive.split("/")[0]

    @property
    def camera(self) -> int:
        """Whose image it is: `LEFT` or `RIGHT`."""
        return LEFT if self.side == "l" else RIGHT

    @property
    def other_camera(self) -> int:
        """Whose image is the other one of the pair."""
        return RIGHT if self.side == "l" else LEFT
