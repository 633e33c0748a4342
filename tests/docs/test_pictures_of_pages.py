"""The pictures of the documentation are small, shown, and those that their script makes."""

import importlib.util
import re

import cv2
import pytest
from support.paths import ROOT

FOLDER = ROOT / "docs" / "pictures"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_pictures", ROOT / "docs" / "make_pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_makes_each_and_no_other(script):
    widths = {path.stem: cv2.imread(str(path)).shape[1] for path in FOLDER.iterdir()}
    assert widths == script.WIDTHS | script.TRAINED
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000


def test_each_is_shown_with_words_for_those_who_do_not_see_it():
    shown = [
        found
        for page in PAGES
        for found in re.findall(r"!\[(.*?)\]\((?:docs/)?pictures/(\w+\.jpg)\)", page.read_text())
    ]
    assert {name for _, name in shown} == {path.name for path in FOLDER.iterdir()}
    assert all(len(words.split()) > 5 for words, _ in shown)


@pytest.mark.slow
def test_the_script_runs(script, tmp_path):
    script.main(tmp_path)  # without those that need trainings
    assert {path.stem for path in tmp_path.iterdir()} == script.WIDTHS.keys()
    for path in tmp_path.iterdir():
        made, kept = (cv2.imread(str(folder / path.name)).astype(float) for folder in (tmp_path, FOLDER))
        assert made.shape == kept.shape and abs(made - kept).mean() < 2, path.name  # grey levels of 255
