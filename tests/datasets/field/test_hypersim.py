"""Hypersim: distances, cameras, tone mapping and splits."""

import csv

import numpy as np
import pytest
from support.field_layouts import plane_depth, samples_of_config, write_hypersim, write_hypersim_split
from support.user_errors import user_error

from mdetools.datasets import HypersimDataset
from mdetools.datasets.hypersim.tone_mapping import tone_map

PACK = [dict(type="PackSample")]
SIZE = (768, 1024)
NORMAL, OFFSET = (0.3, -0.2, 1.0), 2.5
# Rows of the official table of cameras: the entries of M_cam_from_uv.
SCENES = {
    "ai_001_001": [0.5773502886169104, 0, 0, 0, 0.4330127164626828, 0, 0, 0, -1],
    "ai_007_005": [0.5925544768427853, 0, 0, 0, 0.4331077786745176, 0, 0, 0.09961479090220553, -1.0263344260263545],
    "ai_037_002": [
        *(0.579607251426182, 0, -0.06955286861651404, 0, 0.4346865334657201, 0.09273312506660672),
        *(0, 0.004054126980668954, -1.003909173803896),
    ],
}


def default_rays():
    """Rays (H, W, 3) with z = 1 of a camera with 60 degrees of horizontal field of view."""
    half = np.tan(np.radians(30))
    x = (np.arange(SIZE[1]) + 0.5) / (SIZE[1] / 2) * half - half
    y = (np.arange(SIZE[0]) + 0.5) / (SIZE[1] / 2) * half - half * SIZE[0] / SIZE[1]
    return np.stack([*np.meshgrid(x, y), np.ones(SIZE)], -1)


def scene_rays(scene):
    """Directions (H, W, 3) of a scene's rays as the official notebook casts them: x right, y up, z behind."""
    u = (np.arange(SIZE[1]) + 0.5) / SIZE[1] * 2 - 1
    v = 1 - (np.arange(SIZE[0]) + 0.5) / SIZE[0] * 2
    rays = np.stack([*np.meshgrid(u, v), np.ones(SIZE)], -1) @ np.reshape(SCENES[scene], (3, 3)).T
    return rays / np.linalg.norm(rays, axis=-1, keepdims=True)


def write_cameras(path, scenes=SCENES, drop=None):
    """Writes the official table of cameras; `drop` leaves a column out."""
    names = [
        "scene_name",
        "settings_units",
        *(f"M_cam_from_uv_{row}{column}" for row in range(3) for column in range(3)),
    ]
    rows = [names, *([scene, "0.0254", *entries] for scene, entries in scenes.items())]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            [[cell for cell, name in zip(row, names, strict=True) if name != drop] for row in rows]
        )


def dataset(root, split="train", **options):
    return HypersimDataset(str(root), split, PACK, **{"image": "preview", **options})


def test_distance_of_a_slanted_plane_becomes_its_depth(tmp_path):
    rays = default_rays()
    depth = plane_depth(rays, NORMAL, OFFSET)
    distance = (depth * np.linalg.norm(rays, axis=-1)).astype(np.float32)
    distance[:9, :7] = np.nan
    write_hypersim(tmp_path, distance)
    write_hypersim_split(tmp_path, [("ai_001_001", "cam_00", 0, True, "train")])
    sample = dataset(tmp_path)[0]
    found, valid = sample["depth"][0].numpy(), sample["valid_mask"][0].numpy()
    assert valid.sum() == SIZE[0] * SIZE[1] - 63 and not valid[:9, :7].any() and not found[:9, :7].any()
    np.testing.assert_allclose(found[valid], depth[valid], rtol=0, atol=1e-4)
    assert np.abs(distance - depth)[valid].max() > 0.3  # what taking one for the other would cost, in metres
    expected = [[886.81, 0, 511.5], [0, 886.81, 383.5], [0, 0, 1]]
    np.testing.assert_allclose(sample["intrinsics"].numpy(), expected, rtol=1e-6)
    assert sample["meta"]["id"] == "ai_001_001/cam_00/0000"


def test_half_precision_and_another_resolution(tmp_path):
    """The published files are float16; a copy of half the size has half the focal length."""
    rays = default_rays().reshape(384, 2, 512, 2, 3).mean((1, 3))
    depth = plane_depth(rays, NORMAL, OFFSET)
    write_hypersim(tmp_path, (depth * np.linalg.norm(rays, axis=-1)).astype(np.float16))
    write_hypersim_split(tmp_path, [("ai_001_001", "cam_00", 0, True, "train")])
    sample = dataset(tmp_path)[0]
    np.testing.assert_allclose(sample["depth"][0].numpy(), depth, rtol=2**-11)
    expected = [[443.405, 0, 255.5], [0, 443.405, 191.5], [0, 0, 1]]
    np.testing.assert_allclose(sample["intrinsics"].numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("scene", SCENES)
def test_cameras_of_the_scenes(tmp_path, scene):
    """With a scene's own camera, depth and intrinsics give back the rays, up to a rotation, and the distances."""
    rays = scene_rays(scene)
    distance = 2.5 / (rays @ np.array([0.2, 0.3, -1.0]))
    write_hypersim(tmp_path, distance.astype(np.float32), scene=scene)
    write_hypersim_split(tmp_path, [(scene, "cam_00", 0, True, "train")])
    write_cameras(tmp_path / "cameras.csv")
    sample = dataset(tmp_path, cameras="cameras.csv")[0]
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    camera = np.linalg.inv(sample["intrinsics"].double().numpy())
    points = (np.stack([x, y, np.ones(SIZE)], -1) @ camera.T) * sample["depth"][0].double().numpy()[..., None]
    np.testing.assert_allclose(np.linalg.norm(points, axis=-1), distance, rtol=1e-5)
    seen, cast = points[::97, ::89].reshape(-1, 3), (rays * distance[..., None])[::97, ::89].reshape(-1, 3)
    np.testing.assert_allclose(seen @ seen.T, cast @ cast.T, rtol=1e-4, atol=1e-3)
    if scene == "ai_001_001":
        np.testing.assert_allclose(sample["intrinsics"][0, 0], 886.81, rtol=1e-6)
    else:  # with the one camera of the paper the points are others
        depth = dataset(tmp_path)[0]["depth"][0].double().numpy()
        assert np.abs(depth - sample["depth"][0].double().numpy()).max() > 0.02


def test_tone_mapping():
    """(scale x the 90th percentile) ^ (1 / 2.2) is 0.8; pixels of no entity do not count; what is brighter is white."""
    colour = np.full((10, 10, 3), 0.5, np.float16)
    colour[:4] = 3000  # 40 % of the image, of no entity
    colour[4, :3] = [[0.25, 0.25, 0.25], [0, 0, 0], [np.nan, np.inf, -1]]
    counted = np.ones((10, 10), bool)
    counted[:4] = False
    image = tone_map(colour, counted)
    assert image.dtype == np.uint8 and (image[5:] == int(0.8 * 255)).all() and (image[:4] == 255).all()
    assert image[4, 0].tolist() == [int(0.8 * 0.5 ** (1 / 2.2) * 255)] * 3
    assert image[4, 1].tolist() == [0, 0, 0] and image[4, 2].tolist() == [0, 255, 0]
    assert (tone_map(np.full((4, 4, 3), 1e-5), np.ones((4, 4), bool)) == 0).all()
    assert (tone_map(np.full((4, 4, 3), 0.5**2.2), np.zeros((4, 4), bool)) == 127).all()  # nothing shown: scale 1


def test_image_of_the_hdf5_files_or_of_the_preview(tmp_path):
    colour = np.random.default_rng(0).uniform(0, 2, (24, 32, 3)).astype(np.float16)
    write_hypersim(tmp_path, np.full((24, 32), 2, np.float16), colour=colour, entity=np.ones((24, 32), np.int16))
    write_hypersim_split(tmp_path, [("ai_001_001", "cam_00", 0, True, "train")])
    image = dataset(tmp_path, image="hdf5")[0]["image"].permute(1, 2, 0).double().numpy() / 255
    linear = colour.astype(float)
    bright = np.percentile(linear @ [0.3, 0.59, 0.11], 90)
    np.testing.assert_allclose(image, np.minimum(linear / bright * 0.8**2.2, 1) ** (1 / 2.2), atol=1.01 / 255)
    assert (dataset(tmp_path)[0]["image"] == 128).all()
    assert HypersimDataset(str(tmp_path)).image == "hdf5"
    (tmp_path / "ai_001_001/images/scene_cam_00_final_hdf5/frame.0000.color.hdf5").unlink()
    assert HypersimDataset(str(tmp_path)).image == "preview"
    user_error(lambda: dataset(tmp_path, image="jpg"), "has no image 'jpg'", "hdf5")


@pytest.mark.parametrize("entities", [True, False])
def test_what_shows_nothing_does_not_count_for_the_exposure(tmp_path, entities):
    distance, colour = np.full((10, 10), 2, np.float16), np.full((10, 10, 3), 0.5, np.float16)
    distance[:4], colour[:4] = np.nan, 3000  # a bright sky
    write_hypersim(tmp_path, distance, colour=colour, entity=np.where(np.isnan(distance), -1, 7))
    if not entities:
        (tmp_path / "ai_001_001/images/scene_cam_00_geometry_hdf5/frame.0000.render_entity_id.hdf5").unlink()
    image = HypersimDataset(str(tmp_path), "all", PACK)[0]["image"]
    assert (image[:, 4:] == int(0.8 * 255)).all() and (image[:, :4] == 255).all()


def test_splits(tmp_path):
    for number in range(3):
        write_hypersim(tmp_path, np.full((6, 8), 2 + number, np.float16), number)
    write_hypersim(tmp_path, np.full((6, 8), 9, np.float16), 5, "ai_002_001", "cam_01")
    rows = [("ai_001_001", "cam_00", number, number != 1, "train") for number in range(3)]
    write_hypersim_split(tmp_path, [*rows, ("ai_002_001", "cam_01", 5, True, "val")])
    train = dataset(tmp_path)  # frame 1 was not published
    assert [sample["meta"]["id"] for sample in train] == ["ai_001_001/cam_00/0000", "ai_001_001/cam_00/0002"]
    assert [sample["meta"]["id"] for sample in dataset(tmp_path, "val")] == ["ai_002_001/cam_01/0005"]
    user_error(lambda: dataset(tmp_path, "test"), "names no frame")
    user_error(lambda: dataset(tmp_path, "trian"), "no split 'trian'", "train, val, test")
    assert len(dataset(tmp_path, "all")) == 4
    for scenes in ("ai_002_001", ["ai_002_001"]):
        assert [sample["meta"]["id"] for sample in dataset(tmp_path, scenes)] == ["ai_002_001/cam_01/0005"]
    user_error(lambda: dataset(tmp_path, "ai_003_001"), "1 of 1 scenes of the split have no image, e.g. ai_003_001")

    (tmp_path / "analysis").mkdir()  # where the table lies in the repository, beside the scenes
    (tmp_path / "metadata_images_split_scene_v1.csv").rename(tmp_path / "analysis/metadata_images_split_scene_v1.csv")
    (tmp_path / "scenes").mkdir()
    for scene in ("ai_001_001", "ai_002_001"):
        (tmp_path / scene).rename(tmp_path / "scenes" / scene)
    tmp_path = tmp_path / "scenes"
    assert len(dataset(tmp_path)) == 2

    folder = "/mnt/all/ai_001_001/images/scene_cam_00"
    line = f"{folder}_final_preview/frame.%04d.tonemap.jpg {folder}_geometry_hdf5/frame.%04d.depth_meters.hdf5"
    (tmp_path / "mine.txt").write_text(f"# of a model\n{line % (1, 1)}\n\n  # more\n{line % (0, 0)}\n")
    for split in ("mine", str(tmp_path / "mine.txt"), tmp_path / "mine.txt"):
        assert [sample["meta"]["id"][-4:] for sample in dataset(tmp_path, split)] == ["0001", "0000"]
    (tmp_path / "mine.txt").write_text(f"{line % (1, 1)}\n{line % (0, 2)}\n")
    user_error(lambda: dataset(tmp_path, "mine"), "mine.txt:2", "one frame's path")
    (tmp_path / "mine.txt").write_text("a.jpg b.png\n")
    user_error(lambda: dataset(tmp_path, "mine"), "mine.txt:1: found 'a.jpg b.png'", "ai_VVV_NNN")


def test_frames_that_are_not_there(tmp_path):
    write_hypersim(tmp_path, np.full((6, 8), 2, np.float16))
    rows = [("ai_001_001", "cam_00", number, True, "train") for number in range(4)]
    write_hypersim_split(tmp_path, [*rows, ("ai_009_009", "cam_00", 0, True, "val")])
    with pytest.warns(UserWarning, match=r"3 of 4 frames are not in .*frame.0001.depth_meters.hdf5; they are left out"):
        assert len(dataset(tmp_path)) == 1
    user_error(lambda: dataset(tmp_path, "val"), "1 of 1 frames are not in", "ai_009_009", "--data-root")
    user_error(lambda: dataset(tmp_path / "elsewhere"), "no split 'train'", "metadata_images_split_scene_v1.csv")


def test_damaged_files(tmp_path):
    write_hypersim(tmp_path, np.full((6, 8), 2, np.float16))
    write_hypersim_split(tmp_path, [("ai_001_001", "cam_00", 0, True, "train")])
    images = tmp_path / "ai_001_001/images"
    user_error(lambda: dataset(tmp_path, image="hdf5")[0], "frame.0000.color.hdf5", "No such file")
    colour = np.zeros((6, 7, 3), np.float16)
    write_hypersim(tmp_path, np.full((6, 8), 2, np.float16), colour=colour, entity=np.ones((6, 8), np.int16))
    user_error(lambda: dataset(tmp_path, image="hdf5")[0], "colours are (6, 7, 3), and entities or depth (6, 8)")
    write_hypersim(tmp_path, np.full((6, 8), -2, np.float16))
    user_error(lambda: dataset(tmp_path)[0], "48 negative of 48 values")
    write_hypersim(tmp_path, np.full((6, 8, 3), 2, np.float16))
    user_error(lambda: dataset(tmp_path)[0], "float16 (6, 8, 3)", "distances (H, W)")
    (images / "scene_cam_00_geometry_hdf5/frame.0000.depth_meters.hdf5").write_bytes(b"no hdf5")
    user_error(lambda: dataset(tmp_path)[0], "not a readable HDF5 file")


def test_wrong_tables(tmp_path):
    write_hypersim(tmp_path, np.full((6, 8), 2, np.float16))
    write_hypersim_split(tmp_path, [("ai_001_001", "cam_00", "zero", True, "train")])
    user_error(lambda: dataset(tmp_path), "a frame_id is not a number", "zero")
    (tmp_path / "metadata_images_split_scene_v1.csv").write_text("scene_name,camera_name\nai_001_001,cam_00\n")
    user_error(lambda: dataset(tmp_path), "has no column frame_id (found scene_name, camera_name)")
    write_hypersim_split(tmp_path, [("ai_001_001", "cam_00", 0, True, "train")])
    cameras = tmp_path / "cameras.csv"
    user_error(lambda: dataset(tmp_path, cameras="cameras.csv"), "cameras.csv", "No such file")
    write_cameras(cameras, drop="M_cam_from_uv_11")
    user_error(lambda: dataset(tmp_path, cameras=str(cameras)), "has no column M_cam_from_uv_11")
    write_cameras(cameras, {"ai_002_001": SCENES["ai_001_001"]})
    user_error(lambda: dataset(tmp_path, cameras=str(cameras)), "has no camera of ai_001_001")
    for entries in ([0.0] * 9, ["nan", *[1.0] * 8], ["", *[1.0] * 8], [1e400, *[1.0] * 8]):
        write_cameras(cameras, {"ai_001_001": entries})
        user_error(lambda: dataset(tmp_path, cameras=str(cameras)), "ai_001_001: M_cam_from_uv is no invertible matrix")


def test_config(tmp_path):
    """Depth above 20 m does not count in training."""
    distance = np.full((60, 80), 5, np.float32)
    distance[:, :40] = 40
    rows = [("ai_001_001", "cam_00", number, True, part) for number, part in enumerate(("train", "val", "test"))]
    for row in rows:
        write_hypersim(tmp_path, distance, row[2])
    write_hypersim_split(tmp_path, rows)
    train, val = samples_of_config("hypersim", tmp_path)
    assert train["image"].shape == (3, 518, 518) and val["depth"].shape == (1, 60, 80)
    assert train["depth"].max() < 5.01 and val["depth"].max() > 20
