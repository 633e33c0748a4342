import cv2
import numpy as np
import pytest

from mdetools.errors import UserError
from mdetools.synthetic.writers.classification import (
    ClassificationFrame,
    ClassificationSettings,
    render_frame,
    write_classification,
)

SMALL = ClassificationSettings("layouts", 32, 48, seed=3)
COUNTS = {"train": 9, "val": 7}


def contents(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.*"))}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("one") / "shapes"
    assert all(new for _, new in write_classification(root, SMALL, COUNTS, workers=1))
    return root


def test_folders_are_classes_with_equally_many_frames(written):
    for split, most in (("train", 2), ("val", 1)):
        folders = sorted(written.glob(f"{split}/*"))
        assert [folder.name for folder in folders] == SMALL.classes
        counts = [len(list(folder.iterdir())) for folder in folders]
        assert sum(counts) == COUNTS[split]
        assert max(counts) == most
        assert {path.relative_to(written).with_suffix("") for path in written.glob(f"{split}/*/*.jpg")} == {
            path.relative_to(written / "depth").with_suffix("") for path in written.glob(f"depth/{split}/*/*.npz")
        }


def test_files_hold_what_was_rendered(written):
    frame = ClassificationFrame("train", 3, SMALL.classes[3])
    made = render_frame(SMALL, frame)
    with np.load(written / f"depth/train/{frame.label}/000003.npz") as arrays:
        np.testing.assert_allclose(arrays["depth"], made["depth"], rtol=2**-11)
        np.testing.assert_allclose(arrays["inverse_depth"], 1 / made["depth"].astype(float), rtol=2**-10)
        np.testing.assert_array_equal(arrays["intrinsics"], made["intrinsics"])
    image = cv2.imread(str(written / f"train/{frame.label}/000003.jpg"))[..., ::-1]
    assert np.abs(image.astype(float) - made["image"]).mean() < 12  # what JPEG takes away


def test_files_do_not_depend_on_workers(written, tmp_path):
    list(write_classification(tmp_path / "two", SMALL, COUNTS, workers=2))
    assert contents(tmp_path / "two") == contents(written)


@pytest.mark.parametrize("name", ["train/inner_corner/000001.jpg", "depth/train/inner_corner/000001.npz"])
def test_second_run_keeps_whole_frames_and_writes_broken_ones_again(written, capsys, name):
    before, broken = contents(written), written / name
    broken.write_bytes(broken.read_bytes()[:100])
    state = {frame.paths[0]: new for frame, new in write_classification(written, SMALL, COUNTS, workers=1)}
    assert [path for path, new in state.items() if new] == ["train/inner_corner/000001.jpg"]
    assert "000001.jpg" in capsys.readouterr().err
    assert contents(written) == before


def test_unknown_task_is_told(tmp_path):
    with pytest.raises(UserError, match="there are no classes of 'colors'; did you mean 'colours'?"):
        next(write_classification(tmp_path / "new", ClassificationSettings("colors"), COUNTS, workers=1))
    assert not (tmp_path / "new").exists()
