import itertools
import os

import cv2
import numpy as np
import pytest

from mdetools.errors import UserError
from mdetools.visualization import picture_name, write_image

IMAGE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def test_ids_keep_their_words():
    assert picture_name("redkitchen/00012") == "redkitchen_00012"
    assert picture_name("val/official/00001") == "val_official_00001"
    assert picture_name("2011_09_26/drive_0001_sync 7 l").startswith("2011_09_26_drive_0001_sync_7_l-")


def test_every_id_has_a_name_of_its_own_that_a_file_system_takes(tmp_path):
    ids = ["".join(letters) for letters in itertools.product("ab/_ %:.é", repeat=3)]
    ids += ["", "overview", "../../etc", "x" * 400, "x" * 399 + "y", "字" * 300, os.fsdecode(b"a\xff"), "a\x00b"]
    names = [picture_name(name) for name in ids]
    assert len(set(names)) == len(ids)
    for name in names:
        assert name[0] != "." and not set(name) & set('/\\ :%*?"<>|\x00') and len(name.encode()) < 200
    (tmp_path / f".{max(names, key=lambda name: len(name.encode()))}.png.tmp").touch()


@pytest.mark.parametrize("ending", [".png", ".bmp", ".PNG"])
def test_a_picture_is_written_whole_with_red_first(tmp_path, ending):
    path = tmp_path / f"new/folder/a.b{ending}"
    write_image(path, IMAGE)
    assert np.array_equal(cv2.imread(str(path))[..., ::-1], IMAGE)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("name", ["picture", "picture.dog"])
def test_an_ending_of_no_picture_is_refused_in_one_line(tmp_path, name):
    with pytest.raises(UserError, match="is no ending of a picture, expected e.g. .png or .jpg"):
        write_image(tmp_path / name, IMAGE)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_named_and_what_was_there_stays(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match="file/a.png: cannot be written"):
        write_image(tmp_path / "file/a.png", IMAGE)
    write_image(tmp_path / "a.png", IMAGE)
    before = (tmp_path / "a.png").read_bytes()
    with pytest.raises(UserError):
        write_image(tmp_path / "a.png", np.zeros((0, 0, 3), np.uint8))
    assert (tmp_path / "a.png").read_bytes() == before
