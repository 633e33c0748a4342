import sys
import warnings
from collections import Counter
from pathlib import Path

import pytest
from support.kitti_layout import DRIVE, image_path, write_kitti
from support.paths import REAL_DATA
from support.user_errors import user_error

from mdetools.datasets.kitti.on_disk import frames_on_disk
from mdetools.datasets.kitti.split_list import read_split, shipped_splits
from mdetools.errors import UserError

SPLITS = REAL_DATA / "splits"


def ids(split, root):
    return [frame.id for frame in read_split(str(split), root)[1]]


def test_forms_of_a_line(tmp_path):
    root = write_kitti(tmp_path, (3, 4, 12))
    image_path(root, 4, 3).unlink()  # no pair any more
    path = root / "mine.txt"
    path.write_text(f"# a list\n\n{DRIVE} 0000000069 r\n{DRIVE} 7-9 l  # a range\n{DRIVE} * r\n{DRIVE} 3 l\n")
    expected = [f"{DRIVE} {rest}" for rest in ("69 r", "7 l", "8 l", "9 l", "3 r", "12 r", "3 l")]
    for split in (path, "mine", "mine.txt"):
        assert ids(split, root) == expected
    assert read_split("mine", root)[0] == path


def test_the_data_set_s_own_split_comes_before_one_from_here(tmp_path, monkeypatch):
    """The order of `find_list`, as for all other lists; and a shipped split last."""
    root = write_kitti(tmp_path / "data", (3,))
    monkeypatch.chdir(tmp_path)
    name = f"{shipped_splits()[0]}.txt"
    Path(name).write_text(f"{DRIVE} 4 l\n")
    assert ids(name, root) == [f"{DRIVE} 4 l"] and read_split(name[:-4], root)[0].parent.name == "splits"
    (root / name).write_text(f"{DRIVE} 3 l\n")
    for split in (Path(name), name, name[:-4]):
        assert read_split(split, root)[0] == root / name
    with pytest.raises(UserError, match=r"no split file \S+none\.txt;"):
        read_split(Path("none.txt"), root)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{DRIVE} 5", "expected `<date>/<drive> <frame> <side>`"),
        (f"{DRIVE} 5 left", "with a frame as 5, 5-102 or"),
        (f"{DRIVE} five l", "found '2011_09_26/2011_09_26_drive_0001_sync five l'"),
        ("2011_09_26_drive_0001_sync 5 l", "expected"),
        (f"{DRIVE} 9-8 l", "a range that ends before it begins"),
        (f"{DRIVE}/image_02/data/0000000005.png 5 l", "expected"),
    ],
)
def test_malformed_line(tmp_path, line, words):
    path = tmp_path / "mine.txt"
    path.write_text(f"{DRIVE} 3 l\n\n{line}\n")
    with pytest.raises(UserError) as caught:
        read_split(str(path), tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{path}:3: found '") and words in message and "\n" not in message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{DRIVE} {'1' * 4301} l", "expected `<date>/<drive> <frame> <side>`"),
        (f"{DRIVE} 12345678901 l", "expected `<date>/<drive> <frame> <side>`"),
        (f"{DRIVE} ١٢ l", "expected `<date>/<drive> <frame> <side>`"),
        (f"{DRIVE} 0-99999999 l", "a range of more than 1000000 frames"),
        (f"{DRIVE} 0-9999999999 l", "a range of more than 1000000 frames"),
        (f"2011_09_26/{'x' * 256} 5 l", "expected `<date>/<drive> <frame> <side>`"),
        (f"{'x' * 256}/{'x' * 256} * l", "expected `<date>/<drive> <frame> <side>`"),
        ("x" * 100_000, "expected `<date>/<drive> <frame> <side>`"),
    ],
    ids=lambda value: value[:30],
)
def test_lines_beyond_reason_are_one_short_line(tmp_path, line, words):
    path = tmp_path / "mine.txt"
    path.write_text(f"{DRIVE} 3 l\n{line}\n")
    assert len(user_error(lambda: read_split(str(path), tmp_path), f"{path}:2: found '", words)) < 500


def test_more_frames_than_any_split_has(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[read_split.__module__], "MOST_FRAMES", 1000)
    path = tmp_path / "mine.txt"
    path.write_text(f"{DRIVE} 0-699 l\n{DRIVE} 0-699 r\n")
    user_error(lambda: read_split(str(path), tmp_path), f"{path}:2: more than 1000 frames")


def test_encodings_of_a_split(tmp_path):
    root, path = write_kitti(tmp_path, (3,)), tmp_path / "mine.txt"
    line = f"{DRIVE} 3 l  # für alle\r\n"
    path.write_bytes(line.encode("utf-8-sig"))
    assert ids("mine", root) == [f"{DRIVE} 3 l"]
    path.write_bytes(line.encode("latin-1"))
    user_error(lambda: ids("mine", root), f"{path}:1: not a readable text file (byte 0xfc is no UTF-8)", "as UTF-8")
    path.write_bytes(line.encode("utf-16"))
    user_error(lambda: ids("mine", root), f"{path}:1: not a readable text file", "save it as UTF-8")
    path.write_text(f"\n{DRIVE}\x1b]0;title\x07 3 l\n")
    user_error(lambda: ids("mine", root), f"{path}:2: holds control characters")


def test_names_that_no_file_system_takes(tmp_path):
    user_error(lambda: read_split("x" * 300, tmp_path), "no split file")
    user_error(lambda: read_split("a\x00b", tmp_path), "no split file")


def test_files_beside_the_frames_are_no_frames(tmp_path):
    root = write_kitti(tmp_path, (3,))
    for camera in (2, 3):
        for name in ("²", "notes", "1" * 100, "-1"):
            image_path(root, 3, camera).with_stem(name).touch()
    assert frames_on_disk(root, DRIVE, (2, 3)) == [3]


def test_no_split_and_empty_split(tmp_path):
    with pytest.raises(UserError, match=r"no split file .*/nothing.txt; .*eigen_test, .*make_synthetic.py kitti"):
        read_split("nothing", tmp_path)
    (tmp_path / "empty.txt").write_text("# nothing\n")
    with pytest.raises(UserError, match=r"empty.txt: names no frame that is in"):
        read_split("empty", tmp_path)
    with pytest.raises(UserError, match=r"garg_train.txt: names no frame that is in .*--data-root"):
        read_split("garg_train", tmp_path)


def test_a_split_of_the_data_comes_before_a_shipped_one(tmp_path):
    (tmp_path / "eigen_val.txt").write_text(f"{DRIVE} 3 l\n")
    assert ids("eigen_val", tmp_path) == [f"{DRIVE} 3 l"]


def test_shipped_splits(tmp_path):
    names = ["eigen_test", "eigen_test_annotated", "eigen_train", "eigen_val", "garg_test", "garg_train"]
    assert shipped_splits() == names
    lists = {name: ids(name, tmp_path) for name in names[:4]}
    assert {name: len(lines) for name, lines in lists.items()} == dict(zip(names, (697, 652, 23158, 330), strict=False))
    assert all(len(set(lines)) == len(lines) for lines in lists.values())
    assert not set(lists["eigen_train"]) & set(lists["eigen_val"])
    drives = {name: {line.split()[0] for line in lines} for name, lines in lists.items()}
    assert len(drives["eigen_train"]) == 33 and len(drives["eigen_test"]) == 28
    assert drives["eigen_val"] == drives["eigen_train"]
    assert not drives["eigen_train"] & drives["eigen_test"]
    assert set(lists["eigen_test_annotated"]) < set(lists["eigen_test"])


def test_garg_lists_take_every_pair_of_their_drives(tmp_path):
    drives = {"garg_train": "2011_10_03/2011_10_03_drive_0034_sync", "garg_test": DRIVE.replace("0001", "0002")}
    for drive in drives.values():
        for number, cameras in ((5, (2, 3)), (40, (2, 3)), (7, (2,)), (8, (3,))):
            for camera in cameras:
                path = image_path(tmp_path, number, camera, ".jpg", drive)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
    for split, drive in drives.items():
        assert frames_on_disk(tmp_path, drive, (2, 3)) == [5, 40]
        with pytest.warns(UserWarning, match=r"(32 of 33|27 of 28) lines add no frame"):
            assert ids(split, tmp_path) == [f"{drive} 5 l", f"{drive} 40 l"]


def test_drives_that_are_not_there(tmp_path):
    root, absent = write_kitti(tmp_path), DRIVE.replace("0001", "0002")
    path = root / "some.txt"
    path.write_text(f"{DRIVE} * l\n{absent} * l\n{absent} 5 l  # told by the data set\n\n{absent} * r\n{DRIVE}s * l\n")
    with pytest.warns(UserWarning) as caught:
        assert len(ids("some", root)) == 4
    (warning,) = caught
    message = str(warning.message)
    assert message.startswith(f"{path}: 3 of 5 lines add no frame") and f"in {root}, e.g. '{absent} * l';" in message
    assert "\n" not in message
    path.write_text(f"{DRIVE} * l\n{DRIVE} * r\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(ids("some", root)) == 6


@pytest.mark.skipif(not SPLITS.is_dir(), reason=f"no published lists in {SPLITS}")
def test_shipped_splits_are_the_published_ones(tmp_path):
    def published(part):
        lines = [line.split() for line in (SPLITS / f"kitti_eigen_{part}_files_with_gt.txt").read_text().splitlines()]
        parts = [(line[0].split("/"), line[1]) for line in lines]
        return [(f"{path[0]}/{path[1]} {int(Path(path[-1]).stem)} l", depth) for path, depth in parts]

    test = published("test")
    assert ids("eigen_test", tmp_path) == [line for line, _ in test]
    assert ids("eigen_test_annotated", tmp_path) == [line for line, depth in test if depth != "None"]
    assert Counter(ids("eigen_train", tmp_path)) == Counter(line for line, _ in published("train"))

    from scipy.io import loadmat

    content = loadmat(SPLITS / "train_test_split.mat", simplify_cells=True)
    for part, split in (("train", "garg_train"), ("test", "garg_test")):
        path = Path(sys.modules[read_split.__module__].SHIPPED, f"{split}.txt")
        lines = [line.split() for line in path.read_text().splitlines()[1:]]
        found = [(line[4], line[0].split("/")[1]) for line in lines]
        kinds, drives = content[part]
        assert found == [(str(kind), f"{drive}_sync") for kind, drive in zip(kinds, drives, strict=True)]
        assert all(line[0].startswith(line[0].split("/")[1][:10] + "/") for line in lines)


def test_the_tool_lists_what_is_on_the_disk(tmp_path, run_tool):
    root, out = write_kitti(tmp_path / "data", (3, 12)), tmp_path / "new/folder/out.txt"
    (root / "part.txt").write_text(f"{DRIVE} 3 l\n{DRIVE} 99 r\n{DRIVE} * r\n")
    code, printed, _ = run_tool("list_kitti_frames", root, "part", out)
    assert code == 0 and "3 frames of" in printed
    assert out.read_text() == f"{DRIVE} 3 l\n{DRIVE} 3 r\n{DRIVE} 12 r\n"


def test_the_tool_writes_no_empty_list(tmp_path, run_tool):
    out = tmp_path / "out.txt"
    code, _, err = run_tool("list_kitti_frames", tmp_path, "eigen_test", out)
    assert code == 2 and len(err.splitlines()) == 1 and not out.exists()
    first = "2011_09_26/2011_09_26_drive_0002_sync 69 l"
    assert f"none of its 697 frames has an image in {tmp_path}, e.g. '{first}'" in err


def test_the_tool_cannot_write(tmp_path, run_tool):
    root = write_kitti(tmp_path / "data")
    code, _, err = run_tool("list_kitti_frames", root, "train", root / "train.txt" / "out.txt")
    assert code == 2 and len(err.splitlines()) == 1
    assert err.startswith(f"error: {root / 'train.txt' / 'out.txt'}: cannot be written (")
