"""The formats by their names, as `--save` takes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mdetools.apis.inference.result import Result
from mdetools.apis.saving.clouds import check_metric, trimesh_package, write_glb, write_ply
from mdetools.apis.saving.exr import write_exr
from mdetools.apis.saving.gif import write_gif
from mdetools.apis.saving.npy import write_npy
from mdetools.apis.saving.png16 import scale_for, write_png16
from mdetools.datasets.readers.format_package import format_package
from mdetools.errors import UserError, suggest

__all__ = ["CLOUDS", "FORMATS", "Format", "check_saving", "formats_of"]


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes:
        suffix: of its name, after the picture's stem.
        write: writes a result to a path.
    """

    suffix: str
    write: Callable[[Result, Path], None]


FORMATS = {
    "npy": Format(".npy", write_npy),
    "png16": Format("_16bit.png", write_png16),
    "exr": Format(".exr", write_exr),
    "ply": Format(".ply", write_ply),
    "glb": Format(".glb", write_glb),
    "gif": Format(".gif", write_gif),
}
BY_TRIMESH = ("ply", "glb")
CLOUDS = (*BY_TRIMESH, "gif")


def formats_of(names: Sequence[str], max_depth: float | None = None, cut_edges: float | None = None) -> list[Format]:
    """The formats of these names, each once.

    Args:
        names: keys of `FORMATS`.
        max_depth: of the model, metres, which decides the scale of 16-bit files; None if it has none.
        cut_edges: of clouds, see `depth_jumps`; None cuts nothing.

    Raises:
        UserError: if there is no such format.
    """
    options = {"png16": {"scale": scale_for(max_depth)}, **dict.fromkeys(CLOUDS, {"cut_edges": cut_edges})}
    for name in names:
        if name not in FORMATS:
            raise UserError(f"--save has no format '{name}'; {suggest(name, FORMATS)}")
    return [
        Format(FORMATS[name].suffix, partial(FORMATS[name].write, **options.get(name, {})))
        for name in dict.fromkeys(names)
    ]


def check_saving(names: Sequence[str], quantity: str | None) -> None:
    """Checks, before any work, that what is asked for can be written.

    Args:
        names: of formats.
        quantity: that the results will be; None if that is not known yet.

    Raises:
        UserError: if a package is missing, or a cloud is asked for of what is not depth in metres.
    """
    if "exr" in names:
        format_package("OpenEXR", "--save exr")
    if set(BY_TRIMESH) & set(names):
        trimesh_package()
    if set(CLOUDS) & set(names) and quantity is not None:
        check_metric(quantity)
