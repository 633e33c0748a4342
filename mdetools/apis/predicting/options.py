"""What is written of each prediction, and how it is drawn."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from mdetools.apis.saving import FORMATS
from mdetools.errors import UserError, suggest
from mdetools.visualization import color_table

__all__ = ["RunOptions", "options_from"]


@dataclass(frozen=True)
class RunOptions:
    """The options of a run, by the names that tools/infer.py has for them.

    Attributes:
        out: folder of the results.
        overwrite: replace the results of an earlier run.
        save: formats, keys of `FORMATS`.
        save_npy: the same as "npy" among them.
        pred_only: the prediction alone, at the picture's size, in place of picture and prediction side by side.
        grayscale: near is bright, far is dark, in place of colours.
        colormap: a name of `COLORMAPS`, for the lowest to the highest value; None draws near in red.
        vmin: value of the first colour; None takes the 1st percentile of each map.
        vmax: value of the last colour; None takes the 99th percentile.
        cut_edges: of clouds, see `depth_jumps`.
        focal_length: pixels of the pictures.
        intrinsics: file of a camera, in place of it.
        baseline: metres, for models of disparity.
        one_range: one range of colours for a whole video.
        smooth: weight of the past in a video, 0 to less than 1.
    """

    out: str
    overwrite: bool = False
    save: tuple[str, ...] = ()
    save_npy: bool = False
    pred_only: bool = False
    grayscale: bool = False
    colormap: str | None = None
    vmin: float | None = None
    vmax: float | None = None
    cut_edges: float | None = None
    focal_length: float | None = None
    intrinsics: str | None = None
    baseline: float | None = None
    one_range: bool = False
    smooth: float = 0.0

    def __post_init__(self) -> None:
        if self.grayscale and self.colormap is not None:
            raise UserError(f"--grayscale and --colormap {self.colormap} name two ways to draw; leave one out")
        if self.colormap is not None:
            color_table(self.colormap)
        if self.vmin is not None and self.vmax is not None and not self.vmin < self.vmax:
            raise UserError(f"--vmin {self.vmin:g} and --vmax {self.vmax:g}: expected a range that rises; swap them")
        if self.focal_length is not None and self.intrinsics is not None:
            raise UserError("--focal-length and --intrinsics both tell the camera; leave one out")
        for name in ("focal_length", "baseline", "cut_edges"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise UserError(f"--{name.replace('_', '-')} is {value:g}, expected a number above 0; set it so")
        if not 0 <= self.smooth < 1:
            raise UserError(f"--smooth is {self.smooth:g}, expected 0 up to less than 1, such as 0.5; set it so")
        for name in self.save:
            if name not in FORMATS:
                raise UserError(f"--save has no format '{name}'; {suggest(name, FORMATS)}")

    @property
    def formats(self) -> list[str]:
        """The formats, each once."""
        return list(dict.fromkeys([*self.save, *(["npy"] if self.save_npy else [])]))


def options_from(values: Mapping) -> RunOptions:
    """The options among the values of a command line; those that it lacks keep their defaults."""
    known = {field.name: values[field.name] for field in fields(RunOptions) if field.name in values}
    return RunOptions(**{**known, "save": tuple(known.get("save") or ())})
