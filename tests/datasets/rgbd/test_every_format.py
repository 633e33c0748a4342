"""One scene, every way: whatever format, kind and layout the depth is stored in, the samples are the same."""

import shutil

import h5py
import numpy as np
import pytest
from support.depth_formats import distance_of, write_depth, write_exr
from support.paths import REAL_DATA

from mdetools.datasets import NYUDataset, RGBDDataset
from mdetools.layouts.nyu import resized_nyu_intrinsics
from mdetools.visualization import write_image

FLOAT = 2.0**-23  # the relative step of float32
FRAMES = 2


def real_scene():
    """Frames of a kitchen as they are read from FastDepth's .h5: image, depth and intrinsics of each."""
    root = REAL_DATA / "nyu"
    if not root.is_dir():
        pytest.skip(f"{root} is not there")
    dataset = NYUDataset(str(root), "val")
    samples = [dataset.load(index) for index in range(FRAMES)]
    return [(sample["image"], sample["depth"], sample["intrinsics"]) for sample in samples]


def drawn_scene():
    """Frames with a slanted plane, steps, and holes; between 0.4 and 9 metres."""
    rng, frames = np.random.default_rng(0), []
    rows, columns = np.indices((30, 40))
    for number in range(FRAMES):
        depth = (0.4 + 0.1 * rows + 0.05 * columns + number + 2 * (columns > 25)).astype(np.float32)
        depth[3:9, 5:12] = 0
        image = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
        frames.append((image, depth, resized_nyu_intrinsics(30, 40)))
    return frames


@pytest.fixture(scope="module", params=[drawn_scene, real_scene], ids=["drawn", "kitchen"])
def scene(request):
    return request.param()


def integers(scale):
    """Depth in whole units, `scale` a metre: off by half a unit at most."""
    return lambda depth, _: np.round(depth.astype(np.float64) * scale).astype(np.uint16), lambda _: 0.5 / scale


def floats(dtype, step=FLOAT):
    """Depth in metres: off by half of the type's step."""
    return lambda depth, _: depth.astype(dtype), lambda depth: depth * step


def distances(scale, dtype, step):
    """The distance from the camera's centre, which is never shorter than the depth: nor is the error longer."""
    return lambda depth, camera: np.round(distance_of(depth, camera) * scale, 0 if scale > 1 else 9).astype(dtype), step


def inverse(depth, scale, dtype):
    """`scale` / depth, and the infinitely far 0 in holes."""
    values = np.divide(scale, depth, out=np.zeros(depth.shape), where=depth > 0)
    return (np.round(values) if np.dtype(dtype).kind == "u" else values).astype(dtype)


def packed(scale, step):
    """`scale` / depth in 16 bits or, of scale 1, in float32."""
    return lambda depth, _: inverse(depth, scale, "u2" if scale > 1 else "f4"), step


def disparities(baseline):
    """Focal length x baseline / depth in float32."""
    return lambda depth, camera: inverse(depth, float(camera[0, 0]) * baseline, "f4"), lambda depth: 3 * FLOAT * depth


TRANSPOSED = (lambda depth, _: np.asfortranarray(depth), lambda depth: depth * FLOAT)
MICROMETRES = (lambda depth, _: np.round(depth.astype(np.float64) * 1e6).astype(np.uint32), lambda _: 0.5e-6)

# name: ending, (what is stored for depth and camera, how far depth may be off), options
WAYS = {
    "png mm": (".png", integers(1000), {}),
    "png x5000": (".png", integers(5000), dict(depth_scale=5000)),
    "png x256": (".png", integers(256), dict(depth_scale=256.0)),
    "tif mm": (".tif", integers(1000), {}),
    "tif float32": (".tif", floats("f4"), dict(depth_scale=1)),
    "tiff float16": (".tiff", floats("f2", 2.0**-11), dict(depth_scale=1)),
    "tiff uint32": (".tiff", MICROMETRES, dict(depth_scale=1e6)),
    "npy float32": (".npy", floats("f4"), dict(depth_scale=1)),
    "npy big-endian": (".npy", floats(">f8"), dict(depth_scale=1)),
    "npy transposed": (".npy", TRANSPOSED, dict(depth_scale=1)),
    "npz float32": (".npz", floats("f4"), dict(depth_scale=1)),
    "exr float32": (".exr", floats("f4"), dict(depth_scale=1)),
    "exr float16": (".exr", floats("f2", 2.0**-11), dict(depth_scale=1)),
    "pfm": (".pfm", floats("f4"), dict(depth_scale=1)),
    "h5": (".h5", floats("f4"), dict(depth_scale=1)),
    "mat": (".mat", floats("f8"), dict(depth_scale=1)),
    "mat mm": (".mat", integers(1000), {}),
    "distance": (
        ".npy",
        distances(1, "f8", lambda depth: 1e-8 + 2 * FLOAT * depth),
        dict(depth_kind="distance", depth_scale=1),
    ),
    "distance mm": (
        ".png",
        distances(1000, "u2", lambda depth: 0.5 / 1000 + FLOAT * depth),
        dict(depth_kind="distance"),
    ),
    "inverse": (".npy", packed(1, lambda depth: 2 * FLOAT * depth), dict(depth_kind="inverse_depth", depth_scale=1)),
    "inverse x20000": (
        ".png",
        packed(20000, lambda depth: 1.01 * depth**2 / 20000 / 2),
        dict(depth_kind="inverse_depth", depth_scale=20000),
    ),
    "disparity": (".pfm", disparities(0.2), dict(depth_kind="disparity", depth_scale=1, baseline=0.2)),
}


def write_folder(root, scene, ending, stored):
    for number, (image, depth, camera) in enumerate(scene):
        write_image(root / f"train/images/room/{number}.png", image)
        write_depth(root / f"train/depth/room/{number}{ending}", stored(depth, camera))


def check(sample, frame, step, name):
    image, depth, camera = frame
    np.testing.assert_array_equal(sample["image"], image)
    np.testing.assert_array_equal(sample["valid_mask"], depth > 0)
    np.testing.assert_array_equal(sample["depth"][depth == 0], 0)
    np.testing.assert_allclose(sample["intrinsics"], camera, rtol=1e-6)
    assert sample["depth"].dtype == np.float32 and sample["meta"]["id"] == name
    error = np.abs(sample["depth"].astype(np.float64) - depth)
    allowed = (step(depth.astype(np.float64)) + FLOAT * depth) * np.ones_like(depth)
    assert (error <= allowed).all(), (error - allowed).max()


@pytest.mark.parametrize("way", WAYS)
def test_the_samples_are_those_of_the_originals(tmp_path, scene, way):
    ending, (stored, step), options = WAYS[way]
    write_folder(tmp_path, scene, ending, stored)
    fx, fy, cx, cy = (scene[0][2][index] for index in ((0, 0), (1, 1), (0, 2), (1, 2)))
    camera = [float(value) for value in (fx, fy, cx, cy)]

    by_folder = RGBDDataset(str(tmp_path), "train", intrinsics=camera, **options)
    columns = " ".join(map(repr, camera))
    files = [f"train/images/room/{number}.png train/depth/room/{number}{ending}" for number in range(FRAMES)]
    lines = [f"{names} {columns}" for names in files]
    (tmp_path / "listed.txt").write_text("\n".join(lines))
    by_list = RGBDDataset(str(tmp_path), "listed", **options)
    assert len(by_folder) == len(by_list) == FRAMES
    for number, frame in enumerate(scene):
        check(by_folder.load(number), frame, step, f"room/{number}")
        check(by_list.load(number), frame, step, f"train/images/room/{number}")


def test_matlab_of_version_7_3_is_hdf5_with_reversed_axes(tmp_path, scene):
    write_folder(tmp_path, scene, ".npy", lambda depth, _: depth)
    for number, (_, depth, _) in enumerate(scene):
        (tmp_path / f"train/depth/room/{number}.npy").unlink()
        with h5py.File(tmp_path / f"train/depth/room/{number}.mat", "w", userblock_size=512) as file:
            file["depth"] = depth.T
    dataset = RGBDDataset(str(tmp_path), depth_scale=1)
    np.testing.assert_array_equal(dataset.load(1)["depth"], scene[1][1])


def test_depth_in_all_three_colours_of_an_exr(tmp_path, scene):
    import OpenEXR

    image, depth, _ = scene[0]
    write_image(tmp_path / "train/images/0.png", image)
    path = tmp_path / "train/depth/0.exr"
    path.parent.mkdir()
    OpenEXR.File({"compression": OpenEXR.PIZ_COMPRESSION}, {"RGB": np.dstack([depth] * 3)}).write(str(path))
    np.testing.assert_array_equal(RGBDDataset(str(tmp_path), depth_scale=1).load(0)["depth"], depth)
    write_exr(path, depth)
    np.testing.assert_array_equal(RGBDDataset(str(tmp_path), depth_scale=1, depth_key="Z").load(0)["depth"], depth)


@pytest.mark.parametrize("values, what", [(np.nan, "NaN"), (np.inf, "infinite"), (-np.inf, "minus infinite"), (0, "0")])
def test_what_means_no_measurement_is_a_hole(tmp_path, scene, values, what):
    image, depth, _ = scene[0]
    write_image(tmp_path / "train/images/0.png", image)
    write_depth(tmp_path / "train/depth/0.npy", np.where(depth == 0, np.float32(values), depth))
    sample = RGBDDataset(str(tmp_path), depth_scale=1).load(0)
    np.testing.assert_array_equal(sample["depth"], depth)
    np.testing.assert_array_equal(sample["valid_mask"], depth > 0)


def test_the_scene_of_a_folder_can_be_linked_or_moved(tmp_path, scene):
    write_folder(tmp_path / "a", scene, ".png", lambda depth, _: (depth * 1000).astype(np.uint16))
    (tmp_path / "b").mkdir()
    shutil.move(tmp_path / "a/train", tmp_path / "b/val")
    (tmp_path / "b/train").symlink_to(tmp_path / "b/val")
    names = [[frame.id for frame in RGBDDataset(str(tmp_path / "b"), split).frames] for split in ("train", "val")]
    assert names == [["room/0", "room/1"]] * 2
