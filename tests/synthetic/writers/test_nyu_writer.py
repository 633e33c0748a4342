import h5py
import numpy as np
import pytest

from mdetools.errors import UserError
from mdetools.synthetic.writers.nyu import NYUSettings, render_frame, write_nyu
from mdetools.synthetic.writers.preview import save_contact_sheet

SMALL = NYUSettings(48, 64, seed=3)
COUNTS = {"train": 6, "val": 3}


def contents(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.h5"))}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("one") / "nyu"
    assert all(new for _, new in write_nyu(root, SMALL, COUNTS, workers=1))
    return root


def test_layout_and_types(written):
    files = sorted(contents(written))
    assert len(files) == 9
    assert files[0] == "train/room_00000/00000.h5"
    assert files[-1] == "val/room_00001/00000.h5"
    with h5py.File(written / files[0]) as file:
        assert (file["rgb"].shape, file["rgb"].dtype) == ((3, 48, 64), np.uint8)
        assert (file["depth"].shape, file["depth"].dtype) == ((48, 64), np.float32)
        assert (file["intrinsics"].shape, file["intrinsics"].dtype) == ((3, 3), np.float32)
        assert 0.3 < file["depth"][()].min() < file["depth"][()].max() < 13
        # The focal length is NYU's, within the zoom: 518.9 / 640 of the width.
        assert 0.95 < file["intrinsics"][0, 0] / (64 * 518.8579 / 640) < 1.05


def test_files_do_not_depend_on_workers(written, tmp_path):
    again = tmp_path / "nyu"
    list(write_nyu(again, SMALL, COUNTS, workers=2))
    assert contents(again) == contents(written)


def test_second_run_keeps_whole_files_and_writes_broken_ones_again(written, tmp_path, capsys):
    before = contents(written)
    broken = written / "train/room_00000/00001.h5"
    broken.write_bytes(broken.read_bytes()[:1000])
    state = dict(write_nyu(written, SMALL, COUNTS, workers=1))
    assert [path for path, new in state.items() if new] == ["train/room_00000/00001.h5"]
    assert "00001.h5" in capsys.readouterr().err
    assert contents(written) == before


def test_rooms_of_the_splits_and_of_seeds_differ():
    frames = [render_frame(SMALL, "train", 0), render_frame(SMALL, "val", 0), render_frame(SMALL, "train", 4)]
    frames.append(render_frame(NYUSettings(48, 64, seed=4), "train", 0))
    medians = {float(np.median(frame["depth"])) for frame in frames}
    assert len(medians) == 4


def test_sensor_makes_some_holes_and_little_noise():
    shares, errors = [], []
    for index in range(0, 32, 4):
        exact = render_frame(NYUSettings(120, 160, seed=1), "train", index)
        measured = render_frame(NYUSettings(120, 160, seed=1, sensor=True), "train", index)
        np.testing.assert_array_equal(exact["rgb"], measured["rgb"])
        valid = measured["depth"] > 0
        shares.append(1 - valid.mean())
        errors.append(np.median(np.abs(measured["depth"] - exact["depth"])[valid] / exact["depth"][valid]))
    assert 0.01 < np.mean(shares) < 0.3
    assert 0.0005 < np.mean(errors) < 0.02


def test_refuses_other_data(written, tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(UserError, match="holds other data"):
        next(write_nyu(tmp_path, SMALL, COUNTS, workers=1))
    with pytest.raises(UserError, match="holds a data set made with"):
        next(write_nyu(written, NYUSettings(48, 64, seed=4), COUNTS, workers=1))


def test_full_disk_is_one_line_and_leaves_no_broken_file(tmp_path, monkeypatch):
    text = "Unable to create (write failed: time = now\n, errno = 28, error message = 'No space left on device')"

    def fail(self, name, data):
        raise OSError(text)

    monkeypatch.setattr(h5py.File, "create_dataset", fail)
    with pytest.raises(UserError, match=r"00000.h5: cannot be written \(the disk is full\); ") as error:
        next(write_nyu(tmp_path / "nyu", SMALL, COUNTS, workers=1))
    assert "\n" not in str(error.value)
    assert [path.name for path in (tmp_path / "nyu").rglob("*.*")] == ["synthetic.json"]


def test_contact_sheet(written, tmp_path):
    import cv2

    frames = sorted(written.rglob("*.h5"))[:5]
    save_contact_sheet(frames, tmp_path / "sheet.png")
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet.shape == (2 * 48, 4 * 128, 3)
    with h5py.File(frames[0]) as file:
        np.testing.assert_array_equal(sheet[:48, :64, ::-1], file["rgb"][()].transpose(1, 2, 0))
