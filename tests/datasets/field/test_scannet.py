"""ScanNet: millimetres of another resolution than the image."""

import numpy as np
import pytest
from support.field_layouts import picture, samples_of_config, write_image
from support.user_errors import user_error

from mdetools.datasets import ScanNetDataset

PACK = [dict(type="PackSample")]
MILLIMETRES = np.random.default_rng(3).integers(300, 9000, (12, 16)).astype(np.uint16)
MILLIMETRES[0, :3] = [0, 65535, 1]


def write_frame(root, scene="scene0000_00", number=0, image=None):
    """Writes a frame as SensReader exports it, twice as wide and high as its depth."""
    folder = root / scene
    write_image(folder / f"color/{number}.jpg", picture(24, 32) if image is None else image)
    write_image(folder / f"depth/{number}.png", MILLIMETRES)
    (folder / "intrinsic").mkdir(exist_ok=True)
    # Of 1296x968, as published: at 32x24 it is fx = fy = 30, cx = 15.5, cy = 11.5.
    rows = ["1215 0 647.5 0", "0 1210 483.5 0", "0 0 1 0", "0 0 0 1"]
    (folder / "intrinsic/intrinsic_color.txt").write_text("\n".join(rows) + "\n")
    (folder / "intrinsic/intrinsic_depth.txt").write_text("\n".join(rows).replace("1215", "15"))


def dataset(root, split="all", **options):
    return ScanNetDataset(str(root), split, PACK, **options)


def test_depth_of_half_the_resolution(tmp_path):
    rows = np.repeat(np.arange(0, 240, 10, dtype=np.uint8), 32).reshape(24, 32)
    write_frame(tmp_path, image=np.stack([rows] * 3, -1))
    expected = MILLIMETRES / 1000
    expected[0, 1] = 0
    sample = dataset(tmp_path)[0]
    np.testing.assert_allclose(sample["depth"][0].numpy(), expected, rtol=1e-6)
    np.testing.assert_allclose(sample["image"][0].numpy(), np.tile(np.arange(5, 240, 20)[:, None], (1, 16)), atol=2)
    # A pixel of the small image spans two of the large one: (15.5 + 0.5) / 2 - 0.5.
    np.testing.assert_allclose(sample["intrinsics"].numpy(), [[15, 0, 7.5], [0, 15, 5.5], [0, 0, 1]])
    large = dataset(tmp_path, match_size="image")[0]
    np.testing.assert_allclose(large["depth"][0].numpy(), np.kron(expected, np.ones((2, 2))), rtol=1e-6)
    np.testing.assert_allclose(large["intrinsics"].numpy(), [[30, 0, 15.5], [0, 30, 11.5], [0, 0, 1]])


@pytest.mark.parametrize(
    "size, expected",
    [
        ((968, 1296), [1170.187988, 1170.187988, 647.75, 483.75]),
        ((480, 640), [1170.187988 * 640 / 1296, 1170.187988 * 480 / 968, 648.25 * 640 / 1296 - 0.5, 239.624]),
        ((240, 320), [1170.187988 * 320 / 1296, 1170.187988 * 240 / 968, 648.25 * 320 / 1296 - 0.5, 119.562]),
    ],
)
def test_the_published_camera_follows_images_that_were_exported_smaller(tmp_path, size, expected):
    write_frame(tmp_path, image=picture(*size))
    rows = "1170.187988 0 647.75 0\n0 1170.187988 483.75 0\n0 0 1 0\n0 0 0 1\n"
    (tmp_path / "scene0000_00/intrinsic/intrinsic_color.txt").write_text(rows)
    fx, fy, cx, cy = expected
    got = dataset(tmp_path, match_size="image")[0]["intrinsics"].numpy()
    np.testing.assert_allclose(got, [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], rtol=1e-5)


def test_frames_in_order_and_lists_of_scenes(tmp_path):
    for scene in ("scene0000_00", "scene0000_01", "scene0001_00"):
        for number in (0, 2, 10):
            write_frame(tmp_path, scene, number)
    assert [sample["meta"]["id"] for sample in dataset(tmp_path, "scene0000_01")] == [
        f"scene0000_01/color/{number}" for number in (0, 2, 10)
    ]
    (tmp_path / "scannetv2_val.txt").write_text("scene0001_00\nscene0000_00\n")
    assert len(dataset(tmp_path, "scannetv2_val")) == 6 and len(dataset(tmp_path)) == 9
    (tmp_path / "scannetv2_val.txt").write_text("scene0700_00\n")
    user_error(
        lambda: dataset(tmp_path, "scannetv2_val"), "1 of 1 scenes of the split have no image, e.g. scene0700_00"
    )


def test_missing_and_damaged_files(tmp_path):
    user_error(lambda: dataset(tmp_path), "scene0000_00/color/0.jpg, as SensReader exports it")
    write_frame(tmp_path)
    user_error(lambda: dataset(tmp_path, match_size="both"), "has no match_size 'both'")
    scene = tmp_path / "scene0000_00"
    write_image(scene / "depth/0.png", MILLIMETRES[:, :8])
    user_error(lambda: dataset(tmp_path)[0], "depth is 12x8 and the image 24x32", "the same aspect")
    write_image(scene / "depth/0.png", (MILLIMETRES // 256).astype(np.uint8))
    user_error(lambda: dataset(tmp_path)[0], "uint8 (12, 16)", "16-bit")
    (scene / "intrinsic/intrinsic_color.txt").write_text("1 2 3")
    write_frame(tmp_path, number=1)
    (scene / "intrinsic/intrinsic_color.txt").unlink()
    user_error(lambda: dataset(tmp_path)[1], "intrinsic_color.txt", "No such file")
    (scene / "depth/0.png").unlink()
    with pytest.warns(UserWarning, match="1 of 2 images have no depth"):
        assert len(dataset(tmp_path)) == 1


def test_config(tmp_path):
    for scene, name in (("scene0000_00", "scannetv2_train"), ("scene0001_00", "scannetv2_val")):
        write_frame(tmp_path, scene)
        (tmp_path / f"{name}.txt").write_text(f"{scene}\n")
    train, val = samples_of_config("scannet", tmp_path)
    assert train["meta"]["id"] == "scene0000_00/color/0" and val["depth"].shape == (1, 12, 16)
