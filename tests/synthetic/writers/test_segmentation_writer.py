import cv2
import numpy as np
import pytest

from mdetools.errors import UserError
from mdetools.synthetic.streets import STREET_CLASSES, STREET_TYPES
from mdetools.synthetic.writers.preview import class_colors, save_semantic_sheet
from mdetools.synthetic.writers.segmentation import render_frame, segmentation_settings, write_segmentation

SMALL = segmentation_settings("streets", (32, 64), seed=3)
COUNTS = {"train": 3, "val": 2}


def contents(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.*"))}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("one") / "streets"
    assert all(new for _, new in write_segmentation(root, SMALL, COUNTS, workers=1))
    return root


def test_files_hold_what_was_rendered(written):
    assert (written / "classes.txt").read_text().splitlines() == list(STREET_CLASSES)
    assert (written / "types/classes.txt").read_text().splitlines() == list(STREET_TYPES)
    types = [line.split() for line in (written / "types/train.txt").read_text().splitlines()]
    for index in range(3):
        made, stem = render_frame(SMALL, "train", index), f"train/{index:06d}"
        semantic = cv2.imread(str(written / f"semantic/{stem}.png"), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(semantic, made["semantic"])
        with np.load(written / f"depth/{stem}.npz") as arrays:
            np.testing.assert_allclose(arrays["depth"], made["depth"], rtol=2**-11)
            np.testing.assert_array_equal(np.isinf(arrays["depth"]), semantic == STREET_CLASSES.index("sky"))
            np.testing.assert_array_equal(arrays["intrinsics"], made["intrinsics"])
        image = cv2.imread(str(written / f"images/{stem}.jpg"))[..., ::-1]
        assert np.abs(image.astype(float) - made["image"]).mean() < 12  # what JPEG takes away
        assert types[index] == [f"{stem}.jpg", str(STREET_TYPES.index(str(made["type"])))]


def test_files_do_not_depend_on_workers(written, tmp_path):
    list(write_segmentation(tmp_path / "two", SMALL, COUNTS, workers=2))
    assert contents(tmp_path / "two") == contents(written)


@pytest.mark.parametrize("name", ["images/train/000001.jpg", "semantic/train/000001.png", "depth/train/000001.npz"])
def test_second_run_keeps_whole_frames_and_writes_broken_ones_again(written, capsys, name):
    before, broken = contents(written), written / name
    broken.write_bytes(broken.read_bytes()[:100])
    state = {frame.paths[0]: new for frame, new in write_segmentation(written, SMALL, COUNTS, workers=1)}
    assert [path for path, new in state.items() if new] == ["images/train/000001.jpg"]
    assert "000001.jpg" in capsys.readouterr().err
    assert contents(written) == before


def test_unknown_scenes_are_told():
    with pytest.raises(UserError, match="no scenes 'street', expected rooms or streets; did you mean 'streets'?"):
        segmentation_settings("street")
    assert segmentation_settings("rooms").height == 128


def test_sheet_shows_image_classes_and_inverse_depth(written, tmp_path):
    frames = [
        tuple(
            written / f"{kind}/train/00000{index}.{ending}"
            for kind, ending in (("images", "jpg"), ("semantic", "png"), ("depth", "npz"))
        )
        for index in range(3)
    ]
    save_semantic_sheet(frames, tmp_path / "sheet.png")
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet.shape == (64, 2 * 3 * 64, 3)
    semantic = cv2.imread(str(frames[1][1]), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(sheet[:32, 256:320], class_colors()[semantic])
    assert len(np.unique(class_colors()[[*range(20), 255]], axis=0)) == 21
