"""Which part of `CONFIG:CKPT` is the config, and what models are called."""

from pathlib import Path

import pytest

from mdetools.apis.evaluation.naming import Candidate, candidates_of
from mdetools.engine.configs.finding import config_path
from mdetools.errors import UserError


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Empty files at paths that are hard to part, which are current."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.py", "b.yaml", "a.pth", "b.pth", "C:/x/a.py", "D:/y/a.pth", "at 10:30/a.py", "at 10:30/a.pth"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "config", "checkpoint"),
    [
        ("a.py:a.pth", "a.py", "a.pth"),
        ("b.yaml:a.pth", "b.yaml", "a.pth"),
        ("C:/x/a.py:D:/y/a.pth", "C:/x/a.py", "D:/y/a.pth"),  # drive letters
        ("a.py:D:/y/a.pth", "a.py", "D:/y/a.pth"),
        ("C:/x/a.py:a.pth", "C:/x/a.py", "a.pth"),
        ("at 10:30/a.py:at 10:30/a.pth", "at 10:30/a.py", "at 10:30/a.pth"),
        ("a.py:timm:vit_small_patch14_dinov2", "a.py", "timm:vit_small_patch14_dinov2"),
    ],
)
def test_colons_within_paths(files, text, config, checkpoint):
    assert candidates_of([text], ["x"]) == [Candidate("x", config, checkpoint)]


def test_the_home_folder_is_written_out_on_both_sides(files, monkeypatch):
    monkeypatch.setenv("HOME", str(files))
    (candidate,) = candidates_of(["~/a.py:~/a.pth"], ["x"])
    assert candidate[1:] == (f"{files}/a.py", f"{files}/a.pth")


def test_configs_that_come_along_are_found_by_name_and_a_file_comes_first(files):
    assert Path(config_path("dav2/vits_nyu")).parts[-3:] == ("configs", "dav2", "vits_nyu.py")
    (candidate,) = candidates_of(["dav2/vits_nyu:a.pth"])
    assert candidate.label == "vits_nyu" and Path(candidate.config).is_file()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a.py", "names no checkpoint, nor a published model; expected CONFIG:CKPT"),
        ("a.py:", "names no checkpoint, nor a published model; expected CONFIG:CKPT"),
        ("dav2/vits_nyuu:a.pth", "no config 'dav2/vits_nyuu'; did you mean 'dav2/vits_nyu'?"),
        ("gone.py:a.pth", "no config 'gone.py'; "),
        ("C:/gone.py:a.pth", "no config 'C:/gone.py'; "),
        ("a.py:gone.pth", "no checkpoint 'gone.pth'; name one that is there after the config's colon"),
        ("a.py:C:", "no checkpoint 'C:/model.safetensors', nor pytorch_model.bin"),
    ],
)
def test_what_is_not_there_is_told(files, text, told):
    with pytest.raises(UserError) as caught:
        candidates_of([text])
    assert told in str(caught.value)


def test_labels_tell_models_apart_as_shortly_as_they_can(files):
    def labels(*texts):
        return [candidate.label for candidate in candidates_of(texts)]

    assert labels("a.py:a.pth", "b.yaml:a.pth") == ["a", "b"]
    assert labels("a.py:a.pth", "a.py:b.pth", "b.yaml:a.pth") == ["a/a", "a/b", "b"]
    assert labels("a.py:a.pth", "a.py:D:/y/a.pth") == [f"a/{files.name}/a", "a/y/a"]
    with pytest.raises(UserError, match=f"two models are called 'a/{files.name}/a'; give --labels with a name for"):
        labels("a.py:a.pth", "a.py:a.pth")
    with pytest.raises(UserError, match="two models are called 'x'"):
        candidates_of(["a.py:a.pth", "b.yaml:a.pth"], ["x", "x"])
