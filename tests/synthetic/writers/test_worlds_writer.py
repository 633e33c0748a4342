import cv2
import numpy as np
import pytest
from support.user_errors import user_error

from mdetools.datasets import RGBDDataset
from mdetools.errors import UserError
from mdetools.synthetic.writers.preview import save_world_sheet
from mdetools.synthetic.writers.worlds import WorldSettings, render_frame, write_worlds

SMALL = WorldSettings(48, 64, seed=3)
COUNTS = {"train": 4, "val": 2}


def contents(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.*"))}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("one") / "worlds"
    assert all(new for _, new in write_worlds(root, SMALL, COUNTS, workers=1))
    return root


def block_means(image):
    height, width = (size // 8 for size in image.shape[:2])
    return image[: 8 * height, : 8 * width].astype(float).reshape(height, 8, width, 8, 3).mean((1, 3))


def test_frames_are_read_as_images_with_depth_and_sky(written):
    dataset = RGBDDataset(data_root=str(written), split="train", depth_scale=1.0, sky="inf")
    assert len(dataset) == 4
    for index in range(4):
        made, sample = render_frame(SMALL, "train", index), dataset.load(index)
        near = made["depth"] <= np.finfo(np.float16).max
        np.testing.assert_array_equal(sample["sky"], ~near)
        np.testing.assert_array_equal(sample["valid_mask"], near)
        np.testing.assert_allclose(sample["depth"][near], made["depth"][near], rtol=2**-11)
        np.testing.assert_allclose(sample["intrinsics"], made["intrinsics"], atol=1e-4)
        # A JPEG takes away the sensor's noise, and keeps the mean of a block.
        assert np.abs(block_means(sample["image"]) - block_means(made["image"])).mean() < 4


def test_files_do_not_depend_on_workers(written, tmp_path):
    list(write_worlds(tmp_path / "two", SMALL, COUNTS, workers=2))
    assert contents(tmp_path / "two") == contents(written)


@pytest.mark.parametrize("name", ["images/000001.jpg", "depth/000001.npz"])
def test_second_run_keeps_whole_frames_and_writes_broken_ones_again(written, capsys, name):
    before, broken = contents(written), written / "train" / name
    broken.write_bytes(broken.read_bytes()[:100])
    state = {frame.paths[0]: new for frame, new in write_worlds(written, SMALL, COUNTS, workers=1)}
    assert [path for path, new in state.items() if new] == ["train/images/000001.jpg"]
    assert "000001.jpg" in capsys.readouterr().err
    assert contents(written) == before


def test_splits_and_seeds_share_no_frame():
    settings = (SMALL, "train", 0), (SMALL, "val", 0), (SMALL, "train", 1), (WorldSettings(48, 64, seed=4), "train", 0)
    medians = {float(np.median(render_frame(*each)["depth"])) for each in settings}
    assert len(medians) == 4


def test_refuses_other_data(written, tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(UserError, match="holds other data"):
        next(write_worlds(tmp_path, SMALL, COUNTS, workers=1))
    with pytest.raises(UserError, match="holds a data set made with"):
        next(write_worlds(written, WorldSettings(48, 64, seed=4), COUNTS, workers=1))


def test_kinds_are_drawn_by_their_shares_and_unknown_ones_told(tmp_path):
    outdoors = WorldSettings(32, 48, seed=1, kinds={"ground": 3, "interior": 1})
    skies = [np.isinf(render_frame(outdoors, "train", index)["depth"]).any() for index in range(24)]
    assert 12 <= sum(skies) < 24  # of 24 frames, 18 are expected out of doors, most of them with some sky
    settings = WorldSettings(32, 48, kinds={"still_live": 1})
    user_error(lambda: next(write_worlds(tmp_path, settings, COUNTS, workers=1)), "still_live", "still_life")


def test_contact_sheet_fits_pictures_of_any_format(written, tmp_path):
    frames = [(written / f"train/images/{i:06d}.jpg", written / f"train/depth/{i:06d}.npz") for i in range(4)]
    frames.append((written / "val/images/000000.jpg", written / "val/depth/000000.npz"))
    save_world_sheet(frames, tmp_path / "sheet.png")
    assert cv2.imread(str(tmp_path / "sheet.png")).shape == (2 * 192, 4 * 512, 3)
