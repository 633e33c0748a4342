"""How a visitor looks at a result: colours, camera, and what makes metres of a relative map."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

import numpy as np
import torch

from mdetools.apis.inference.cameras import pinhole
from mdetools.apis.inference.result import Result
from mdetools.contract import QUANTITIES
from mdetools.errors import UserError
from mdetools.geometry import disparity_to_depth
from mdetools.visualization import COLORMAPS

__all__ = ["View", "as_seen", "camera_text", "view_from"]


@dataclass(frozen=True)
class View:
    """The settings of the page; None is what is not said.

    Attributes:
        colormap: a name of `COLORMAPS`; near is red in Spectral, bright in all others.
        flipped: the colours the other way round.
        low: value of the first colour.
        high: value of the last one.
        focal_length: pixels of the picture, in place of its own.
        field_of_view: degrees along the longer side, assumed where nothing tells the focal length.
        scale: with `shift`, makes depth 1 / (scale * value + shift) of a relative map, in 1/metres.
        shift: see there.
        baseline: metres between the cameras, makes depth of a stereo model's disparity.
        cut_edges: leaves occlusion edges out of clouds.
    """

    colormap: str = "Spectral"
    flipped: bool = False
    low: float | None = None
    high: float | None = None
    focal_length: float | None = None
    field_of_view: float = 60.0
    scale: float | None = None
    shift: float | None = None
    baseline: float | None = None
    cut_edges: bool = True

    def __post_init__(self) -> None:
        if self.colormap not in COLORMAPS:
            raise UserError(f"no colour map is called '{self.colormap}'; one of: {', '.join(COLORMAPS)}")
        for name, what in (("focal_length", "focal length"), ("baseline", "baseline"), ("scale", "scale")):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise UserError(f"the {what} is {value:g}, expected a number above 0; change or clear it")
        if not 1 <= self.field_of_view <= 170:
            raise UserError(f"the field of view is {self.field_of_view:g} degrees, expected 1 to 170; change it")

    @property
    def query(self) -> str:
        """As it stands in an address; what is as usual is left out."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        usual = {field.name: field.default for field in fields(self)}
        return urlencode({name: value for name, value in said.items() if value != usual[name]})

    def with_range(self, low: float | None, high: float | None) -> "View":
        """The same in another range of colours; None finds the map's own."""
        return replace(self, low=low, high=high)


def view_from(words: Mapping[str, str]) -> View:
    """The settings in an address.

    >>> view_from({"low": "0.5", "flipped": "True"}).low
    0.5

    Raises:
        UserError: if a number is none.
    """
    values = {}
    for field in fields(View):
        if field.name not in words:
            continue
        word = words[field.name]
        if isinstance(field.default, bool):
            values[field.name] = word == "True"
        elif isinstance(field.default, str):
            values[field.name] = word
        else:
            try:
                values[field.name] = float(word)
            except ValueError as error:
                raise UserError(f"{field.name} is '{word}', expected a number") from error
    return View(**values)


def as_seen(result: Result, view: View) -> Result:
    """A result with the camera of the view, and in metres where the view makes them.

    A relative map becomes depth 1 / (scale * value + shift), 0 where that is not above 0, once both numbers are said;
    disparity becomes depth once the baseline is.

    Args:
        result: as predicted.
        view: the settings.
    """
    quantity = QUANTITIES[result.quantity]
    if view.focal_length is not None:
        camera = pinhole(view.focal_length, result.size)
    elif result.intrinsics is not None:
        camera = result.intrinsics
    else:
        camera = pinhole(max(result.size) / 2 / math.tan(math.radians(view.field_of_view / 2)), result.size)
    metres = None
    if quantity.relative and view.scale is not None and view.shift is not None:
        inverse = result.map.astype(np.float64) * view.scale + view.shift
        metres = np.where(inverse > 0, 1 / np.where(inverse > 0, inverse, 1), 0)
    elif quantity.to_depth is not None and view.baseline is not None:
        scales = torch.tensor([camera[0, 0]]), torch.tensor([view.baseline])
        metres = disparity_to_depth(torch.from_numpy(result.map)[None, None], *scales)[0, 0].numpy()
    seen = replace(result, intrinsics=camera, focal_length=float(camera[0, 0]))
    if metres is None:
        return seen
    return replace(seen, quantity="depth", unit=QUANTITIES["depth"].unit, map=metres.astype(np.float32))


def camera_text(result: Result, view: View) -> str:
    """Where the focal length comes from, for a result as predicted."""
    focal = f"{as_seen(replace(result, quantity='scores'), view).focal_length:.0f} px"
    if view.focal_length is not None:
        return f"focal length {focal}, as entered"
    if result.intrinsics is not None:
        return f"focal length {focal}, of the picture's own camera"
    return f"focal length {focal}, from an assumed field of view of {view.field_of_view:g}\u00b0"
