"""Whose folder it is."""

import json

import pytest
from support.user_errors import user_error

from mdetools.apis.pseudo_labels.folder import MARKER, check_folder, mark_folder

SETTINGS = {"checkpoint": "ab12", "flip": True, "config": {"model": {"head": {"features": 64}}}}


@pytest.fixture
def folder(tmp_path):
    mark_folder(tmp_path / "labels", SETTINGS)
    return tmp_path / "labels"


def test_a_new_an_empty_and_the_own_folder_pass(folder, tmp_path):
    (folder / "a.png").touch()
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "new", tmp_path / "empty", folder):
        check_folder(path, SETTINGS)


def test_what_a_killed_process_left_in_an_empty_folder_is_nobodys(tmp_path):
    (tmp_path / f".{MARKER}.0123abcd.tmp").touch()
    check_folder(tmp_path, SETTINGS)


def test_files_of_others_are_left_alone(tmp_path):
    (tmp_path / "photo.png").touch()
    user_error(lambda: check_folder(tmp_path, SETTINGS), "holds other files ('photo.png')", "choose another")


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    user_error(lambda: check_folder(tmp_path / "file", SETTINGS), "is no folder")


@pytest.mark.parametrize(
    "change, told",
    [
        ({"checkpoint": "cd34"}, ["another checkpoint", "ab12 there, cd34 now"]),
        ({"flip": False}, ["another flip", "True there, False now"]),
        (
            {"config": {"model": {"head": {"features": 32}}}},
            ["another config", "model.head.features: 64 there, 32 now"],
        ),
    ],
)
def test_labels_of_other_settings_are_left_alone(folder, change, told):
    user_error(lambda: check_folder(folder, {**SETTINGS, **change}), *told, "delete this one")


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff\xfe{", b"{"])
def test_settings_that_cannot_be_read(folder, content):
    (folder / MARKER).write_bytes(content)
    user_error(lambda: check_folder(folder, SETTINGS), MARKER, "cannot be read", "delete this one")


def test_the_settings_are_plain_to_read(folder):
    assert json.loads((folder / MARKER).read_text()) == SETTINGS
