"""What people reported elsewhere about runs over many inputs (row 34), with its relatives: all done, nothing lost."""

import os
import sys
import zipfile

import cv2
import numpy as np
import pytest
from support.commands import load_tool
from support.paths import ROOT
from support.stub_inferencer import StubInferencer
from support.user_errors import user_error

CONFIG = str(ROOT / "configs/dav2/vits_nyu.py")


def first_value(image):
    return np.full(image.shape[:2], 1.0 + image[0, 0, 0], np.float32)


@pytest.fixture
def infer(tmp_path, monkeypatch):
    """Runs the tool in the temporary folder, with a stub in place of the model; returns the exit code."""
    tool = load_tool("infer")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mdetools.apis.opening.DepthInferencer", lambda *_, **__: StubInferencer(first_value))

    def run(*words, out="out"):
        monkeypatch.setattr(sys, "argv", ["infer.py", CONFIG, "c.pth", *map(str, words), "--out", out])
        return tool.main(tool.parse_args())

    return run


def write(path, value=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((6, 8, 3), value, np.uint8))
    return path


def write_video(path, frames=3):
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 5, (16, 16))
    for number in range(frames):
        video.write(np.full((16, 16, 3), 9 * number, np.uint8))
    video.release()


def results(folder):
    """Paths below a folder, without `.npy`, by the value of the picture that they are of."""
    return {
        path.relative_to(folder).with_suffix("").as_posix(): round(float(np.load(path)[0, 0])) - 1
        for path in folder.rglob("*.npy")
    }


def test_equal_stems_are_all_done_and_keep_their_endings(infer, tmp_path):
    for name, value in (("a.png", 1), ("a.bmp", 2), ("b.png", 3), ("sub/a.png", 4)):
        write(tmp_path / "p" / name, value)
    assert infer("p", "--save-npy") == 0
    assert results(tmp_path / "out") == {"a.png": 1, "a.bmp": 2, "b": 3, "sub/a": 4}
    names = {path.name for path in (tmp_path / "out").rglob("*_depth.png")}
    assert names == {"a.png_depth.png", "a.bmp_depth.png", "b_depth.png", "a_depth.png"}
    assert infer("p/a.png", "p/a.bmp", "--save-npy", out="again") == 0  # as a shell expands p/a.*
    assert results(tmp_path / "again") == {"a.png": 1, "a.bmp": 2}
    write(tmp_path / "q/a.png")
    user_error(lambda: infer("p/a.png", "q/a.png", out="third"), "would both be written to third/a*")


def test_one_file_under_several_names_is_one_result(infer, tmp_path):
    write(tmp_path / "p/a.png")
    assert infer("p/a.png", "./p/a.png", "p/../p/a.png", tmp_path / "p/a.png", "p", "--save-npy") == 0
    assert results(tmp_path / "out") == {"a": 1}


def test_what_cannot_be_read_is_named_and_the_rest_is_done(infer, tmp_path, capsys):
    for name in ("a", "z"):
        write(tmp_path / f"p/{name}.png")
    whole = (tmp_path / "p/a.png").read_bytes()
    broken = {"empty": b"", "text": b"no picture", "cut": whole[:40], "cut_jpg": b"\xff\xd8\xff\xe0"}
    for name, content in broken.items():
        (tmp_path / f"p/{name}.png").write_bytes(content)
    (tmp_path / "p/gone.png").symlink_to("nowhere.png")
    (tmp_path / "p/folder.png").mkdir()  # which is gone through, and has no image
    os.mkfifo(tmp_path / "p/pipe.png")  # which nobody writes to
    assert infer("p", "p/missing.png", "--save-npy") == 1
    assert results(tmp_path / "out") == {"a": 1, "z": 1}
    lines = capsys.readouterr().err.splitlines()
    names = [*broken, "gone", "pipe", "missing"]
    assert lines[-1] == "7 of 9 images without a result, named above" and len(lines) == 8
    for name in names:
        assert sum(f"p/{name}.png" in line for line in lines) == 1
    user_error(lambda: infer("p/pipe.png"), "p/pipe.png: ")  # alone it is a mistake


def test_what_cannot_be_written_is_named_and_the_rest_is_done(infer, tmp_path, capsys):
    for name in ("a", "b/c", "n" * 245, "z"):
        write(tmp_path / f"p/{name}.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/b").write_text("a file in place of a folder")
    assert infer("p", "--save-npy", "--overwrite") == 1
    written = results(tmp_path / "out")
    assert written == {"a": 1, "z": 1, "n" * 245: 1}
    assert {path.name for path in (tmp_path / "out").glob("*_depth.png")} == {
        "a_depth.png", "z_depth.png", f"{'n' * 245}_depth.png",
    }  # fmt: skip
    errors = capsys.readouterr().err
    assert errors.count("no c_depth.png: ") == errors.count("no c.npy: ") == 1
    assert errors.splitlines()[-1] == "2 files could not be written as asked, named above"


def test_a_name_that_is_too_long_for_its_result_is_told(infer, tmp_path, capsys):
    for name in ("n" * 251, "z"):
        write(tmp_path / f"p/{name}.png")
    assert infer("p", "--save-npy") == 1
    assert set(results(tmp_path / "out")) == {"n" * 251, "z"}
    errors = capsys.readouterr().err
    assert f"no {'n' * 251}_depth.png: " in errors and "File name too long" in errors


def test_results_below_the_input_are_no_inputs_of_the_next_run(infer, tmp_path):
    write(tmp_path / "p/a.png")
    for out in ("p/out", "p/deep/out"):
        assert infer("p", "--save-npy", out=out) == 0
    (tmp_path / "p/out/a_depth.png").rename(tmp_path / "p/moved.png")
    assert infer("p/*.png", "--save-npy", out="p/third") == 0
    assert set(results(tmp_path / "p/third")) == {"a", "moved"}
    (tmp_path / "p/moved.png").unlink()
    before = sorted(path.name for path in (tmp_path / "p").rglob("*"))
    for _ in range(2):
        assert infer("p/**/a.png", "p", "--save-npy", "--overwrite", out="p/deep") == 0
    assert sorted(path.name for path in (tmp_path / "p").rglob("*")) != before
    assert set(results(tmp_path / "p/deep")) >= {"a"}
    write(tmp_path / "q/out/a.png")
    user_error(lambda: infer("q", out="q/out"), "q: holds nothing but the results in q/out, expected images")


def test_frames_of_a_video_and_images_do_not_replace_each_other(infer, tmp_path):
    write(tmp_path / "p/v/000000.png")
    write_video(tmp_path / "p/v.mp4")
    assert infer("p") == 0  # no files of frames
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.*")) == ["000000_depth.png", "v_depth.mp4"]
    line = user_error(lambda: infer("p", "--save-npy", out="again"), "p/v/000000.png and a frame of p/v.mp4")
    assert "would both be written to again/v/000000.*" in line and not (tmp_path / "again").exists()
    (tmp_path / "p/v/000000.png").rename(tmp_path / "p/v.png")
    assert infer("p", "--save-npy", out="third") == 0  # an image and a video of one name
    assert set(results(tmp_path / "third")) == {"v", "v/000000", "v/000001", "v/000002"}


def test_odd_names_and_archives(infer, tmp_path):
    names = ["sp ace [1]", "%s{}", "ü ñ", "a.b.c", "-x"]
    for value, name in enumerate(names):
        write(tmp_path / f"p/{name}.png", value)
    for hidden in (".a.png", "._a.png"):
        write(tmp_path / "p" / hidden)
    (tmp_path / "p/Thumbs.db").write_text("")
    assert infer("p", "--save-npy") == 0
    found = {path.name.removesuffix(".npy"): np.load(path)[0, 0] - 1 for path in (tmp_path / "out").glob("*.npy")}
    assert found == {name: value for value, name in enumerate(names)}
    assert infer(*(f"p/{name}.png" for name in names[:2]), out="single") == 0
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.write(tmp_path / "p/a.b.c.png", "in/a.png")
        archive.writestr("in/broken.png", b"no picture")
    assert infer("z.zip", "--save-npy", out="unpacked") == 1
    assert results(tmp_path / "unpacked") == {"in/a": 3}


def test_several_inputs_none_of_which_can_be_read_is_no_success(infer, tmp_path, capsys):
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(b"x")
    assert infer("a.png", "b.png") == 1
    assert capsys.readouterr().err.splitlines()[-1] == "2 of 2 images without a result, named above"
