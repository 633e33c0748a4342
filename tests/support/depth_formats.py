"""One depth map in files of every format."""

import cv2
import h5py
import numpy as np
import OpenEXR
import tifffile
from scipy.io import savemat

__all__ = ["distance_of", "write_depth"]


def write_depth(path, values):
    """Writes a map (H, W) in the format of the path's ending, as the programs that people use do; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    WRITERS[path.suffix](path, values)
    return path


def write_exr(path, values):
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {"Z": np.ascontiguousarray(values)}).write(str(path))


def write_pfm(path, values):
    height, width = values.shape
    path.write_bytes(b"Pf\n%d %d\n-1.0\n" % (width, height) + np.ascontiguousarray(values[::-1], "<f4").tobytes())


def write_h5(path, values):
    with h5py.File(path, "w") as file:
        file.create_dataset("depth", data=values, compression="gzip")


WRITERS = {
    ".png": lambda path, values: cv2.imwrite(str(path), values),
    ".tif": lambda path, values: cv2.imwrite(str(path), values),
    ".tiff": tifffile.imwrite,
    ".npy": np.save,
    ".npz": lambda path, values: np.savez_compressed(path, depth=values),
    ".exr": write_exr,
    ".pfm": write_pfm,
    ".h5": write_h5,
    ".mat": lambda path, values: savemat(path, {"depth": values}, do_compression=True),
}


def distance_of(depth, intrinsics):
    """Distances from the camera's centre of depths (H, W) along its axis, each by the length of its pixel's ray."""
    rows, columns = np.indices(depth.shape)
    pixels = np.stack([columns, rows, np.ones_like(rows)], axis=-1).astype(np.float64)
    rays = pixels @ np.linalg.inv(intrinsics.astype(np.float64)).T
    return depth * np.linalg.norm(rays, axis=-1)
