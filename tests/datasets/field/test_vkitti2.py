"""Virtual KITTI 2: centimetres, the sky, cameras, pairs and splits."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.field_layouts import picture, samples_of_config, write_image
from support.user_errors import user_error

from mdetools.datasets import VKITTI2Dataset

PACK = [dict(type="PackSample")]
CENTIMETRES = np.array([[0, 1, 150], [8000, 65534, 65535]], np.uint16)
METRES = [[0, 0.01, 1.5], [80, 655.34, 0]]  # 65535 is the sky
TABLE = "frame cameraID K[0,0] K[1,1] K[0,2] K[1,2]\n" + "".join(
    f"{number} 0 725.0087 725.0087 620.5 187\n{number} 1 725 726 600 180\n" for number in range(3)
)


def write_frame(root, scene="Scene01", variation="clone", camera=0, number=0, archives=False, seed=0):
    """Writes a frame, and the table of cameras, into one tree or a folder for each archive."""
    folders = {name: root / f"vkitti_2.0.3_{name}" if archives else root for name in ("rgb", "depth", "textgt")}
    frames = f"{scene}/{variation}/frames"
    write_image(folders["rgb"] / frames / f"rgb/Camera_{camera}/rgb_{number:05d}.jpg", picture(2, 3, seed))
    write_image(folders["depth"] / frames / f"depth/Camera_{camera}/depth_{number:05d}.png", CENTIMETRES)
    table = folders["textgt"] / scene / variation / "intrinsic.txt"
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text(TABLE)
    return table


def dataset(root, split="all", **options):
    return VKITTI2Dataset(str(root), split, PACK, **options)


@pytest.mark.parametrize("archives", [False, True])
def test_centimetres_and_the_sky(tmp_path, archives):
    write_frame(tmp_path, archives=archives)
    sample = dataset(tmp_path)[0]
    np.testing.assert_allclose(sample["depth"][0].numpy(), METRES, rtol=1e-6)
    assert sample["valid_mask"][0].tolist() == [[False, True, True], [True, True, False]]
    assert sample["meta"]["id"] == "Scene01/clone/frames/rgb/Camera_0/rgb_00000" and "baseline" not in sample
    assert sample["sky"][0].tolist() == [[False] * 3, [False, False, True]]
    sky = dataset(tmp_path, sky="depth")[0]
    assert "sky" not in sky
    assert float(sky["depth"][0, 1, 2]) == pytest.approx(655.35) and bool(sky["valid_mask"][0, 1, 2])
    user_error(lambda: dataset(tmp_path, sky="holes"), "has no sky 'holes'; did you mean 'hole'?")


def test_metric_training_drops_what_is_beyond_80_metres(tmp_path):
    write_frame(tmp_path)
    transform = dict(type="DepthRange", min_depth=1e-3, max_depth=80.0)
    sample = VKITTI2Dataset(str(tmp_path), pipeline=[transform, *PACK], sky="depth")[0]
    np.testing.assert_allclose(sample["depth"][0].numpy(), [[0, 0.01, 1.5], [80, 0, 0]], rtol=1e-6)


def test_cameras_and_pairs(tmp_path):
    table = write_frame(tmp_path, seed=1)
    write_frame(tmp_path, camera=1, seed=2)
    right = dataset(tmp_path, camera=1)[0]
    at_2x3 = [[725 * 3 / 1242, 0, 600.5 * 3 / 1242 - 0.5], [0, 726 * 2 / 375, 180.5 * 2 / 375 - 0.5], [0, 0, 1]]
    np.testing.assert_allclose(right["intrinsics"].numpy(), at_2x3, rtol=1e-6)
    pair = dataset(tmp_path, stereo=True)[0]
    assert (pair["image_right"] == right["image"]).all() and not (pair["image"] == right["image"]).all()
    assert float(pair["baseline"]) == pytest.approx(0.532725)
    table.unlink()  # as the archive of cameras is often left out: a third of a hundredth of the published size
    fx, fy = (float(dataset(tmp_path)[0]["intrinsics"][axis, axis]) for axis in (0, 1))
    assert fx == pytest.approx(725.0087 * 3 / 1242) and fy == pytest.approx(725.0087 * 2 / 375)
    user_error(lambda: dataset(tmp_path, camera=2), "camera=2", "expected camera 0 or 1")
    user_error(lambda: dataset(tmp_path, camera=1, stereo=True), "camera=1 and stereo=True")


@pytest.mark.parametrize("unpacked", [True, False])
@pytest.mark.parametrize(
    "size, expected",
    [((375, 1242), [725.0087, 725.0087, 620.5, 187]), ((187, 621), [362.50435, 361.53767, 310, 93])],
)
def test_the_camera_follows_the_image_with_its_table_and_without(tmp_path, size, expected, unpacked):
    table = write_frame(tmp_path)
    frames = tmp_path / "Scene01/clone/frames"
    write_image(frames / "rgb/Camera_0/rgb_00000.jpg", picture(*size))
    write_image(frames / "depth/Camera_0/depth_00000.png", np.full(size, 150, np.uint16))
    if not unpacked:
        table.unlink()
    fx, fy, cx, cy = expected
    got = dataset(tmp_path)[0]["intrinsics"].numpy()
    np.testing.assert_allclose(got, [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], rtol=1e-6)


def test_scenes(tmp_path):
    for scene, variation in (("Scene01", "clone"), ("Scene01", "fog"), ("Scene02", "clone"), ("Scene20", "clone")):
        write_frame(tmp_path, scene, variation)

    def names(split):
        return [sample["meta"]["id"].rsplit("/frames")[0] for sample in dataset(tmp_path, split)]

    assert len(dataset(tmp_path.parent, tmp_path.name)) == 4  # from a folder above
    assert names("all") == names(Path("all")) == ["Scene01/clone", "Scene01/fog", "Scene02/clone", "Scene20/clone"]
    assert names("Scene01") == ["Scene01/clone", "Scene01/fog"]
    assert names(["Scene20", "Scene01/fog"]) == ["Scene01/fog", "Scene20/clone"]
    assert names("clone") == ["Scene01/clone", "Scene02/clone", "Scene20/clone"]
    (tmp_path / "mine.txt").write_text("# held out\nScene02\n\nScene20/clone\n")
    assert (
        names("mine")
        == names(str(tmp_path / "mine.txt"))
        == names(tmp_path / "mine.txt")
        == ["Scene02/clone", "Scene20/clone"]
    )
    with pytest.warns(UserWarning, match="1 of 2 scenes of the split have no image, e.g. Scene06; they are left out"):
        assert names(["Scene02", "Scene06"]) == ["Scene02/clone"]
    user_error(
        lambda: dataset(tmp_path, "Scene3"), "1 of 1 scenes of the split have no image, e.g. Scene3; did you mean"
    )
    user_error(lambda: dataset(tmp_path, []), "names no scene")
    (tmp_path / "mine.txt").write_text("\n")
    user_error(lambda: dataset(tmp_path, "mine"), "mine.txt: names no scene")


@pytest.mark.parametrize("archives", [False, True])
def test_lists_as_depth_anything_has_them(tmp_path, archives):
    for number in range(3):
        write_frame(tmp_path, number=number, archives=archives)
    write_frame(tmp_path, camera=1, archives=archives)
    line = (
        "/mnt/vKitti2/Scene01/clone/frames/rgb/Camera_%d/rgb_%05d.jpg /mnt/vKitti2/Scene01/clone/frames/depth/a.png\n"
    )
    (tmp_path / "train.txt").write_text(line % (0, 2) + line % (0, 0) + line % (1, 0))
    ids = [sample["meta"]["id"][-18:] for sample in dataset(tmp_path, "train")]
    assert ids == ["Camera_0/rgb_00002", "Camera_0/rgb_00000", "Camera_1/rgb_00000"]
    user_error(lambda: dataset(tmp_path, "train", stereo=True), "train: names images of Camera_1")
    (tmp_path / "train.txt").write_text("# of a model\n\n" + line % (0, 2) + "  # and a comment\n" + line % (0, 0))
    for split in ("train", tmp_path / "train.txt"):
        assert [sample["meta"]["id"][-9:] for sample in dataset(tmp_path, split)] == ["rgb_00002", "rgb_00000"]
    (tmp_path / "train.txt").write_text(line % (0, 2) + line % (0, 9))
    with pytest.warns(UserWarning, match=r"1 of 2 frames are not in .*depth_00009.png; they are left out"):
        assert len(dataset(tmp_path, "train")) == 1
    (tmp_path / "train.txt").write_text(f"{line % (0, 2)}rgb_00000.jpg depth_00000.png\n")
    user_error(
        lambda: dataset(tmp_path, "train"), "train.txt:2: found 'rgb_00000.jpg depth_00000.png', expected a path"
    )
    (tmp_path / "train.txt").write_text(line % (0, 9))
    user_error(lambda: dataset(tmp_path, "train"), "train.txt: 1 of 1 frames are not in", "set --data-root")


def test_missing_and_damaged_files(tmp_path):
    user_error(lambda: dataset(tmp_path / "none"), "no folder", "Scene01/clone/frames/rgb/Camera_0/rgb_00000.jpg")
    write_image(tmp_path / "a.jpg", picture())
    user_error(lambda: dataset(tmp_path), "none of its 1 files is an image in the layout of this data set")
    table = write_frame(tmp_path)
    write_frame(tmp_path, number=1)
    depths = tmp_path / "Scene01/clone/frames/depth/Camera_0"
    (depths / "depth_00001.png").unlink()
    with pytest.warns(UserWarning, match=r"1 of 2 images have no depth, e.g. .*depth_00001.png; they are left out"):
        assert len(dataset(tmp_path)) == 1
    table.write_text("frame cameraID K[0,0]\n0 0 725\n")
    with pytest.warns(UserWarning):
        user_error(lambda: dataset(tmp_path)[0], "intrinsic.txt:2: found '0 0 725', expected frame cameraID K[0,0]")
    table.write_text("7 0 725.0087 725.0087 620.5 187\n")
    with pytest.warns(UserWarning):
        user_error(lambda: dataset(tmp_path)[0], "intrinsic.txt: has no camera of frame 0, camera 0")
    cv2.imwrite(str(depths / "depth_00000.png"), CENTIMETRES.astype(np.uint8))
    with pytest.warns(UserWarning):
        user_error(lambda: dataset(tmp_path)[0], "uint8 (2, 3)", "16-bit PNG", "centimetres")
    (depths / "depth_00000.png").unlink()
    user_error(lambda: dataset(tmp_path), "2 of 2 images have no depth", "unpack")


def test_config(tmp_path):
    for scene in ("Scene01", "Scene02", "Scene06", "Scene18", "Scene20"):
        write_frame(tmp_path, scene)
    train, val = samples_of_config("vkitti2", tmp_path)
    assert train["image"].shape == (3, 518, 518) and train["depth"].max() <= 80
    assert val["meta"]["id"].startswith("Scene02/clone/") and float(val["depth"].max()) == pytest.approx(655.34)
