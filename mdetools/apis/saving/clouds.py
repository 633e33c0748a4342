"""Points and meshes of metric depth, by trimesh."""

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np

from mdetools.apis.inference.result import Result
from mdetools.apis.saving.facts import facts_of
from mdetools.contract import QUANTITIES
from mdetools.errors import UserError, one_line
from mdetools.geometry import back_project, depth_jumps, grid_faces, usable_depth

__all__ = ["check_metric", "trimesh_package", "write_glb", "write_ply"]

UPRIGHT = np.array([1.0, -1.0, -1.0])  # from OpenCV's frame to that of glTF: y up, the view along -z


def trimesh_package() -> ModuleType:
    """trimesh, which is imported on the first use.

    Raises:
        UserError: if it is missing.
    """
    try:
        return importlib.import_module("trimesh")
    except ImportError as error:
        raise UserError(
            f"PLY and GLB need the package trimesh, which is not installed ({one_line(error, 100)}); run "
            "`pip install mdetools[clouds]`"
        ) from error


def check_metric(quantity: str) -> None:
    """Checks that a quantity is depth in metres.

    Raises:
        UserError: if it is not, with the reason.
    """
    if quantity == "depth":
        return
    if quantity in QUANTITIES and QUANTITIES[quantity].relative:
        reason = (
            "is relative: without its scale and shift 1 / value bends every plane; take a metric model, or calibrate "
            "this one with tools/calibrate.py"
        )
    elif quantity in QUANTITIES and QUANTITIES[quantity].to_depth is not None:
        reason = "becomes metres with a camera alone; give --focal-length and --baseline"
    else:
        reason = "is no depth; take --save npy"
    raise UserError(f"no point cloud is made of '{quantity}', expected depth in metres: it {reason}")


def write_ply(result: Result, path: Path, cut_edges: float | None = None) -> None:
    """Writes coloured points, binary, in OpenCV's frame: x right, y down, z forward, metres; see `kept_points`."""
    points, colors, _ = kept_points(result, cut_edges)
    content = trimesh_package().PointCloud(points.astype(np.float32), colors=colors).export(file_type="ply")
    comments = "".join(f"comment {name} {value}\n" for name, value in facts_of(result).items())
    path.write_bytes(content.replace(b"element vertex", f"{comments}element vertex".encode(), 1))


def write_glb(result: Result, path: Path, cut_edges: float | None = None) -> None:
    """Writes a coloured mesh of neighbouring pixels in glTF's frame: x right, y up, z back; see `kept_points`."""
    points, colors, kept = kept_points(result, cut_edges)
    trimesh = trimesh_package()
    mesh = trimesh.Trimesh((points * UPRIGHT).astype(np.float32), grid_faces(kept), process=False, validate=False)
    mesh.visual = trimesh.visual.ColorVisuals(mesh, vertex_colors=colors)
    scene = trimesh.Scene(mesh, metadata=facts_of(result))
    path.write_bytes(scene.export(file_type="glb"))


def kept_points(result: Result, cut_edges: float | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The points of a result, their colours, and the pixels that they are of.

    Args:
        result: depth in metres, with its camera, and its picture for the colours; grey without one.
        cut_edges: leaves out pixels beside which the depth jumps by more than this ratio; None keeps them.

    Returns:
        float64 (N, 3), metres, uint8 (N, 3), and bool (H, W).

    Raises:
        UserError: if it is not depth in metres, the camera is not known, or there is no point.
    """
    check_metric(result.quantity)
    name = result.path or "a picture in memory"
    if result.intrinsics is None:
        raise UserError(
            f"{name}: its focal length is not known, neither from a file such as intrinsics.txt beside it nor from its "
            "EXIF, and a guessed one would bend the cloud; give --focal-length PIXELS"
        )
    kept = usable_depth(result.map)
    if cut_edges is not None:
        kept &= ~depth_jumps(result.map, cut_edges)
    if not kept.any():
        raise UserError(f"{name}: no pixel has a point, expected depth above 0; raise --cut-edges if it is set")
    colors = np.full((*result.size, 3), 128, np.uint8) if result.image is None else result.image
    return back_project(result.map, result.intrinsics)[kept], colors[kept], kept
