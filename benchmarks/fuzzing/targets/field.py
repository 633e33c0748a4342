"""What published data sets have of their own: Hypersim's tables and arrays, splits and cameras of the others."""

import io
from pathlib import Path

import numpy as np
from scipy.io import savemat
from support.field_layouts import picture, write_hypersim, write_hypersim_split, write_image

from fuzzing.target import Target
from fuzzing.targets.nyu import repack_split
from mdetools.datasets import BlendedMVSDataset, HypersimDataset, VKITTI2Dataset
from mdetools.datasets.readers.mat_texts import read_mat_texts
from mdetools.testing import check_sample

__all__ = ["TARGETS"]

PACK = [dict(type="PackSample")]
FRAME = "ai_001_001/images/scene_cam_00_{}/frame.0000.{}"
RAYS = [0.58, 0, -0.07, 0, 0.43, 0.09, 0, 0.004, -1.004]
CAMERA = """extrinsic
0.9 0.1 0.0 1.0
-0.1 0.9 0.0 2.0
0.0 0.0 1.0 3.0
0.0 0.0 0.0 1.0

intrinsic
573.5 0.0 383.5
0.0 574.5 287.5
0.0 0.0 1.0

0.5 0.01
"""


def write_scene(folder: Path) -> None:
    """A frame of Hypersim with its tables."""
    distance = np.random.default_rng(0).uniform(1, 9, (24, 32)).astype(np.float16)
    distance[:3, :4] = np.nan
    colour = np.random.default_rng(1).uniform(0, 3, (24, 32, 3)).astype(np.float16)
    write_hypersim(folder, distance, colour=colour, entity=np.ones((24, 32), np.int16))
    write_hypersim_split(folder, [("ai_001_001", "cam_00", 0, True, "train"), ("ai_001_002", "cam_00", 0, True, "val")])
    names = ["scene_name", *(f"M_cam_from_uv_{row}{column}" for row in range(3) for column in range(3))]
    rows = [names, ["ai_001_001", *map(str, RAYS)]]
    (folder / "cameras.csv").write_text("\n".join(map(",".join, rows)) + "\n")


def prepare_hypersim(name: str):
    """What prepares a target whose files take the place of one of a scene's."""

    def prepare(folder: Path) -> tuple[Path, list[bytes]]:
        write_scene(folder)
        return folder / name, [(folder / name).read_bytes()]

    return prepare


def read_hypersim(path: Path) -> None:
    root = next(parent for parent in path.parents if (parent / "cameras.csv").exists())
    check_sample(HypersimDataset(str(root), "train", PACK, cameras="cameras.csv")[0], "hypersim")


def prepare_vkitti2(folder: Path) -> tuple[Path, list[bytes]]:
    frames = folder / "Scene01/clone/frames"
    write_image(frames / "rgb/Camera_0/rgb_00000.jpg", picture())
    write_image(frames / "depth/Camera_0/depth_00000.png", picture()[..., 0].astype(np.uint16) * 250)
    table = "frame cameraID K[0,0] K[1,1] K[0,2] K[1,2]\n0 0 725.0087 725.0087 620.5 187\n0 1 725 725 620.5 187\n"
    return folder / "Scene01/clone/intrinsic.txt", [table.encode()]


def read_vkitti2(path: Path) -> None:
    check_sample(VKITTI2Dataset(str(path.parents[2]), pipeline=PACK)[0], "vkitti2")


def prepare_vkitti2_list(folder: Path) -> tuple[Path, list[bytes]]:
    prepare_vkitti2(folder)
    frames = "/mnt/Scene01/clone/frames"
    line = f"{frames}/rgb/Camera_0/rgb_00000.jpg {frames}/depth/Camera_0/depth_00000.png\n"
    return folder / "train.txt", [line.encode() * 2, b"# held out\nScene01\nScene02/clone\n"]


def read_vkitti2_list(path: Path) -> None:
    assert len(VKITTI2Dataset(str(path.parent), "train"))


def prepare_blendedmvs(folder: Path) -> tuple[Path, list[bytes]]:
    write_image(folder / "aa/blended_images/00000000.jpg", picture())
    for name in ("rendered_depth_maps", "cams"):
        (folder / "aa" / name).mkdir()
    depth = np.ones((24, 32), "<f4").tobytes()
    (folder / "aa/rendered_depth_maps/00000000.pfm").write_bytes(b"Pf\n32 24\n-1.0\n" + depth)
    return folder / "aa/cams/00000000_cam.txt", [CAMERA.encode()]


def read_blendedmvs(path: Path) -> None:
    check_sample(BlendedMVSDataset(str(path.parents[2]), pipeline=PACK)[0], "blendedmvs")


def prepare_texts(folder: Path) -> tuple[Path, list[bytes]]:
    texts = np.array([[f"/n/fs/sun3d/data/SUNRGBD/kv1/{number}/" for number in range(9)]], object)
    seeds = []
    for options in ({}, dict(do_compression=True)):
        memory = io.BytesIO()
        savemat(memory, {"numbers": np.eye(3), "alltrain": texts, "alltest": texts[:, :2]}, **options)
        seeds.append(memory.getvalue())
    return folder / "allsplit.mat", seeds


def read_texts(path: Path) -> None:
    for key in ("alltrain", "alltest"):
        assert all(isinstance(text, str) for text in read_mat_texts(path, key))


TARGETS = [
    Target("hypersim_depth", prepare_hypersim(FRAME.format("geometry_hdf5", "depth_meters.hdf5")), read_hypersim),
    Target("hypersim_colour", prepare_hypersim(FRAME.format("final_hdf5", "color.hdf5")), read_hypersim),
    Target("hypersim_split", prepare_hypersim("metadata_images_split_scene_v1.csv"), read_hypersim, text=True),
    Target("hypersim_camera", prepare_hypersim("cameras.csv"), read_hypersim, text=True),
    Target("vkitti2_camera", prepare_vkitti2, read_vkitti2, text=True),
    Target("vkitti2_list", prepare_vkitti2_list, read_vkitti2_list, text=True),
    Target("mvs_camera", prepare_blendedmvs, read_blendedmvs, text=True),
    Target("mat_texts", prepare_texts, read_texts, mutators=(repack_split,)),
]
