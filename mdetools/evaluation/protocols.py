"""Named evaluation protocols: which pixels count, how a prediction is aligned, and what is computed on it.

Numbers of two protocols are not comparable, so the protocol travels with every result.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal, NamedTuple

from torch import Tensor

from mdetools.errors import UserError, suggest
from mdetools.evaluation.alignments import ALIGNMENTS
from mdetools.evaluation.functional import SILOG_DEFINITIONS
from mdetools.geometry import CROPS, crop_box

__all__ = ["PROTOCOLS", "Protocol", "Selection", "get_protocol"]


class Selection(NamedTuple):
    """What a protocol compares of one image.

    Attributes:
        window: the index of the crop in maps of the whole image.
        depth: the true depth in it (1, h, w), metres.
        counted: bool (1, h, w), which of its pixels count.
    """

    window: tuple
    depth: Tensor
    counted: Tensor


@dataclass(frozen=True)
class Protocol:
    """How predictions are compared with ground truth.

    A pixel counts if it is valid, lies inside the crop, and its true depth is between `min_depth` and `max_depth`.
    Alignment sees exactly these pixels. The aligned prediction is clamped to the same caps, both included.

    >>> Protocol("mine", 0.1, 5.0, alignment="median_depth").describe()  # doctest: +ELLIPSIS
    'protocol mine: depth 0.1..5 m (strict), crop none, alignment scale by medians, in depth, silog = ...'

    Args:
        name: the key in `PROTOCOLS`.
        min_depth: metres, above 0.
        max_depth: metres.
        crop: None, or a key of `CROPS`.
        alignment: a key of `ALIGNMENTS`.
        silog: a key of `SILOG_DEFINITIONS`.
        caps: which pixels at the caps count: `strict`, none (min_depth < depth < max_depth); `inclusive`, all
            (min_depth <= depth <= max_depth).

    Raises:
        UserError: for a crop, alignment, silog or caps that do not exist, or depths that are not 0 < min < max.
    """

    name: str
    min_depth: float
    max_depth: float
    crop: str | None = None
    alignment: str = "none"
    silog: str = "kitti"
    caps: Literal["strict", "inclusive"] = "strict"

    def __post_init__(self):
        for field, allowed in (
            ("crop", [None, *CROPS]),
            ("alignment", ALIGNMENTS),
            ("silog", SILOG_DEFINITIONS),
            ("caps", ("strict", "inclusive")),
        ):
            value = getattr(self, field)
            if value not in allowed:
                names = ", ".join(map(str, allowed))
                raise UserError(f"protocol '{self.name}' has {field}={value!r}; expected one of: {names}")
        if not 0 < self.min_depth < self.max_depth:
            raise UserError(
                f"protocol '{self.name}' has depths {self.min_depth:g}..{self.max_depth:g} m; "
                "expected 0 < min_depth < max_depth"
            )

    def window(self, height: int, width: int) -> tuple[slice, slice]:
        """Rows and columns of an image of this size that lie inside the crop."""
        if self.crop is None:
            return slice(0, height), slice(0, width)
        top, bottom, left, right = crop_box(self.crop, height, width)
        return slice(top, bottom), slice(left, right)

    def select(self, depth: Tensor, valid_mask: Tensor) -> Selection:
        """The crop of a true depth (1, H, W) in metres, and which of its pixels count."""
        window = (..., *self.window(*depth.shape[-2:]))
        depth = depth[window]
        if self.caps == "strict":
            within = (depth > self.min_depth) & (depth < self.max_depth)
        else:
            within = (depth >= self.min_depth) & (depth <= self.max_depth)
        return Selection(window, depth, valid_mask[window] & within)

    def describe(self) -> str:
        """The line that is printed beside every result."""
        return (
            f"protocol {self.name}: depth {self.min_depth:g}..{self.max_depth:g} m ({self.caps}), "
            f"crop {self.crop or 'none'}, alignment {ALIGNMENTS[self.alignment].description}, "
            f"silog = {SILOG_DEFINITIONS[self.silog].formula}"
        )


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol("nyu", 1e-3, 10.0, silog="half"),
        Protocol("nyu_eigen", 1e-3, 10.0, crop="nyu_eigen"),
        Protocol("nyu_median", 1e-3, 10.0, alignment="median_depth"),
        Protocol("nyu_median_disparity", 1e-3, 10.0, alignment="median_disparity"),
        Protocol("nyu_lstsq_depth", 1e-3, 10.0, alignment="lstsq_depth"),
        Protocol("nyu_lstsq_disparity", 1e-3, 10.0, alignment="lstsq_disparity"),
        Protocol("kitti_garg_50", 1.0, 50.0, crop="garg"),
        Protocol("kitti_garg_80", 1e-3, 80.0, crop="garg"),
        Protocol("kitti_eigen_80", 1e-3, 80.0, crop="eigen"),
        Protocol("kitti_kb_garg_80", 1e-3, 80.0, crop="kb_garg"),
        Protocol("kitti_kb_eigen_80", 1e-3, 80.0, crop="kb_eigen"),
        Protocol("kitti_garg_80_median", 1e-3, 80.0, crop="garg", alignment="median_depth"),
        Protocol("kitti_garg_80_lstsq_disparity", 1e-3, 80.0, crop="garg", alignment="lstsq_disparity"),
    )
}


def get_protocol(protocol: str | Mapping) -> Protocol:
    """The protocol of a name, or one of your own.

    >>> get_protocol(dict(base="nyu", name="near", max_depth=3.0)).max_depth
    3.0

    Args:
        protocol: a key of `PROTOCOLS`; or a dict of `Protocol`'s arguments, where `base` names the protocol that gives
            what the dict does not say.

    Raises:
        UserError: if there is no such protocol or argument; it names the nearest right one.
    """
    if isinstance(protocol, str):
        if protocol not in PROTOCOLS:
            every = f"expected one of: {', '.join(PROTOCOLS)}"
            raise UserError(f"no evaluation protocol is called '{protocol}'; {suggest(protocol, PROTOCOLS, every)}")
        return PROTOCOLS[protocol]
    arguments = dict(protocol)
    known = [field.name for field in fields(Protocol)]
    for key in arguments:
        if key not in (*known, "base"):
            raise UserError(f"a protocol has no '{key}'; {suggest(key, [*known, 'base'])}")
    base = arguments.pop("base", None)
    inherited = {} if base is None else asdict(get_protocol(base))
    merged = {"name": "custom", **inherited, **arguments}
    missing = [name for name in ("min_depth", "max_depth") if name not in merged]
    if missing:
        raise UserError(f"the protocol {dict(protocol)} has no {' and no '.join(missing)}; add it, or a base")
    return Protocol(**merged | ({} if "name" in arguments or base is None else {"name": f"{base} (changed)"}))
