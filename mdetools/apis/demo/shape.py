"""The 3-D view: a mesh of metres, or of a relative map a relief that says what it is."""

import numpy as np
from PIL import Image

from mdetools.apis.demo.pictures import known_pixels, reduced
from mdetools.apis.demo.view import View, as_seen, camera_text
from mdetools.apis.inference.result import Result
from mdetools.apis.saving.clouds import UPRIGHT, trimesh_package
from mdetools.contract import QUANTITIES
from mdetools.errors import UserError
from mdetools.geometry import back_project, depth_jumps, grid_faces
from mdetools.visualization import percentile_range

__all__ = ["mesh_of", "relief_points", "shape_caption"]

SIDE = 360  # vertices along the longer side
TEXTURE = 1024  # pixels
EDGES = 0.08  # ratio of depth beside each other, beyond which the mesh is cut
RELIEF, RELIEF_EDGES = 0.55, 0.12  # height over the longer side; difference of heights beyond which it is cut


def shape_caption(result: Result, view: View) -> str:
    """What the 3-D view shows of a result as predicted, in one line."""
    seen = as_seen(result, view)
    if seen.quantity != "depth":
        name = "relative inverse depth" if QUANTITIES[seen.quantity].relative else seen.quantity
        return (
            f"A relief, not the true shape: its height is the {name}, spread over an assumed range without perspective."
        )
    made = "" if result.quantity == "depth" else ", with the numbers that you entered"
    return f"Metric depth{made}; {camera_text(result, view)}."


def mesh_of(result: Result, view: View) -> bytes:
    """A textured mesh as the content of a .glb file, y up, seen along -z.

    Args:
        result: as predicted, with its picture.
        view: the settings.

    Raises:
        UserError: if nothing of the map has a place in space, or trimesh is missing.
    """
    trimesh = trimesh_package()
    texture = reduced(result, TEXTURE).image
    small = reduced(as_seen(result, view), SIDE)
    if small.quantity == "depth":
        points, kept = back_project(small.map, small.intrinsics), known_pixels(small) & ~depth_jumps(small.map, EDGES)
    else:
        points, kept = relief_points(small)
    faces = grid_faces(kept)
    if not len(faces):
        raise UserError("no pixel of this map has a place in space, so there is nothing to turn; take another picture")
    rows, columns = np.nonzero(kept)
    height, width = kept.shape
    uv = np.stack([(columns + 0.5) / width, 1 - (rows + 0.5) / height], axis=1)
    picture = Image.fromarray(texture)
    material = trimesh.visual.material.PBRMaterial(
        baseColorFactor=[0, 0, 0, 255],
        emissiveTexture=picture,
        emissiveFactor=[1, 1, 1],
        metallicFactor=0,
        roughnessFactor=1,
        doubleSided=True,
    )
    visual = trimesh.visual.TextureVisuals(uv=uv, material=material)
    vertices = ((points[kept] - centre_of(points[kept])) * UPRIGHT).astype(np.float32)
    mesh = trimesh.Trimesh(vertices, faces, visual=visual, process=False, validate=False)
    return trimesh.Scene(mesh).export(file_type="glb")


def centre_of(points: np.ndarray) -> np.ndarray:
    """The point (3,) that the view turns around: the median along each axis."""
    return np.median(points, axis=0)


def relief_points(result: Result) -> tuple[np.ndarray, np.ndarray]:
    """Points (H, W, 3) whose height is the map's value from far to near, and those that are kept, bool (H, W).

    The longer side is 1, and nothing is foreshortened: x to the right, y down, z away, as of a camera far off.
    """
    height, width = result.size
    known = known_pixels(result)
    low, high = percentile_range(result.map, known)
    near = np.clip((np.where(known, result.map, low) - low) / (high - low), 0, 1)
    z = RELIEF * (1 - near if QUANTITIES[result.quantity].is_inverse else near)
    rows, columns = np.indices((height, width))
    points = np.stack([columns - (width - 1) / 2, rows - (height - 1) / 2, z * max(height, width)], axis=-1)
    return points / max(height, width), known & ~depth_jumps(1 + z, RELIEF_EDGES)
