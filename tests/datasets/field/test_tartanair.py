"""TartanAir: metres in .npy, holes, the sky."""

import numpy as np
import pytest
from support.field_layouts import picture, samples_of_config, write_image
from support.user_errors import user_error

from mdetools.datasets import TartanAirDataset

PACK = [dict(type="PackSample")]
DEPTH = np.array([[0, 0.5, 80], [9000, 10000, 12000]], np.float32)


def write_frame(root, environment="office", level="Easy", trajectory="P000", number=0, side="left", depth=DEPTH):
    folder = root / environment / level / trajectory
    write_image(folder / f"image_{side}/{number:06d}_{side}.png", picture(2, 3, number))
    (folder / f"depth_{side}").mkdir(exist_ok=True)
    path = folder / f"depth_{side}/{number:06d}_{side}_depth.npy"
    np.save(path, depth)
    return path


def dataset(root, split="all", **options):
    return TartanAirDataset(str(root), split, PACK, **options)


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_depth_holes_and_the_sky(tmp_path, kind):
    write_frame(tmp_path, depth=DEPTH.astype(kind))
    sample = dataset(tmp_path)[0]
    np.testing.assert_allclose(sample["depth"][0].numpy(), [[0, 0.5, 80], [9000, 0, 0]], rtol=2**-11)
    assert sample["valid_mask"][0].tolist() == [[False, True, True], [True, False, False]]
    assert sample["sky"][0].tolist() == [[False] * 3, [False, True, True]]
    assert sample["meta"]["id"] == "office/Easy/P000/image_left/000000_left"


def test_camera_of_the_published_size(tmp_path):
    folder = tmp_path / "office/Easy/P000"
    write_frame(tmp_path, depth=np.ones((480, 640), np.float32))
    write_image(folder / "image_left/000000_left.png", picture(480, 640))
    expected = [[320, 0, 320], [0, 320, 240], [0, 0, 1]]
    np.testing.assert_array_equal(dataset(tmp_path)[0]["intrinsics"].numpy(), expected)


def test_environments_and_sides(tmp_path):
    for environment, level in (("office", "Easy"), ("office", "Hard"), ("ocean", "Easy")):
        write_frame(tmp_path, environment, level)
    write_frame(tmp_path, "office/office", "Easy")  # as one of the two ways to unpack gives it
    write_frame(tmp_path, side="right", depth=DEPTH + 1)
    write_image(tmp_path / "office/Easy/P000/seg_left/000000_left.png", picture())
    assert len(dataset(tmp_path)) == 4 and len(dataset(tmp_path, "office")) == 3
    assert [sample["meta"]["id"] for sample in dataset(tmp_path, ["ocean", "office/Hard"])] == [
        "ocean/Easy/P000/image_left/000000_left",
        "office/Hard/P000/image_left/000000_left",
    ]
    right = dataset(tmp_path, side="right")
    assert len(right) == 1 and float(right[0]["depth"][0, 0, 0]) == 1
    user_error(lambda: dataset(tmp_path, side="middle"), "has no side 'middle'")
    user_error(
        lambda: dataset(tmp_path, "offices"), "1 of 1 scenes of the split have no image, e.g. offices", "'office'"
    )


def test_missing_and_damaged_files(tmp_path):
    user_error(
        lambda: dataset(tmp_path), "none of its 0 files", "abandonedfactory/Easy/P000/image_left/000000_left.png"
    )
    path = write_frame(tmp_path)
    write_frame(tmp_path, number=1).unlink()
    with pytest.warns(UserWarning, match=r"1 of 2 images have no depth, e.g. .*000001_left_depth.npy"):
        frames = dataset(tmp_path)
    assert len(frames) == 1
    for content, words in ((DEPTH[:1], "depth has shape (1, 3), expected (2, 3)"), (-DEPTH, "5 negative of 6 values")):
        np.save(path, content)
        user_error(lambda: frames[0], words)
    np.save(path, np.array([{}], object), allow_pickle=True)
    user_error(lambda: frames[0], "000000_left_depth.npy")
    path.write_bytes(b"no array")
    user_error(lambda: frames[0], "000000_left_depth.npy")


@pytest.mark.filterwarnings("ignore:.* scenes of the split have no image")
def test_config(tmp_path):
    write_frame(tmp_path, "office")
    write_frame(tmp_path, "office2")
    train, val = samples_of_config("tartanair", tmp_path)
    assert train["image"].shape == (3, 518, 518) and train["depth"].max() <= 80
    assert val["meta"]["id"].startswith("office2/") and val["depth"].max() == 9000
