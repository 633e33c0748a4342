"""tools/infer.py: what is found, drawn, written and told."""

import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image
from support.commands import load_tool
from support.paths import ROOT
from support.stub_inferencer import StubInferencer
from support.user_errors import user_error

from mdetools.contract import QUANTITIES
from mdetools.datasets.readers.exr import read_exr
from mdetools.datasets.readers.png16 import read_png16_values
from mdetools.errors import UserError
from mdetools.visualization import color_table, colorize, percentile_range, prediction_panel

CONFIG = str(ROOT / "configs/dav2/vits_nyu.py")


def first_value(image):
    """Depth of 1 m more than the first value of a picture."""
    return np.full(image.shape[:2], 1.0 + image[0, 0, 0], np.float32)


@pytest.fixture
def infer(tmp_path, monkeypatch):
    """Runs the tool's command line with a stub in place of the model; returns the exit code."""
    tool = load_tool("infer")

    def run(*words, predict=first_value, quantity="depth", overwrite=True):
        monkeypatch.setattr("mdetools.apis.opening.DepthInferencer", lambda *_, **__: StubInferencer(predict, quantity))
        line = ["infer.py", CONFIG, "c.pth", *map(str, words), "--out", str(tmp_path / "out")]
        line += ["--overwrite"] if overwrite else []
        monkeypatch.setattr(sys, "argv", line)
        return tool.main(tool.parse_args())

    return run


def write_photos(folder, **values):
    for name, value in values.items():
        path = folder / name.replace("_", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(f"{path}.png", np.full((6, 8, 3), value, np.uint8))


def ramp(image):
    height, width = image.shape[:2]
    return np.linspace(1, 5, height * width, dtype=np.float32).reshape(height, width)


@pytest.mark.parametrize(
    ("name", "shape", "line", "drawn"),
    [
        ("depth", (6, 8), "depth from 0 to 2 m", True),
        ("disparity", (6, 8), "disparity from 0 to 2 px", True),
        ("inverse_depth", (6, 8), "inverse_depth from 0 to 2", True),
        ("logits", (6, 8), "classes 0 (50 %), 1 (48 %), 2 (2 %)", True),
        ("scores", (4,), "scores from 0 to 2; no picture is drawn of it, --save-npy writes its values", False),
    ],
)
def test_infer_prints_what_the_table_says_and_draws_what_has_a_picture(
    infer, tmp_path, capsys, name, shape, line, drawn
):
    values = np.linspace(0, 2, np.prod(shape), dtype=np.float32).reshape(shape)
    values = values.astype(np.int32) if name == "logits" else values
    photo, out = tmp_path / "photo.png", tmp_path / "out"
    cv2.imwrite(str(photo), np.zeros((6, 8, 3), np.uint8))
    assert infer(photo, "--save-npy", predict=lambda _: values, quantity=name) == 0
    first = out / f"photo_{name}.png" if drawn else photo
    assert capsys.readouterr().out.splitlines() == [f"{first}: {line}", str(out / "photo.npy")]
    np.testing.assert_array_equal(np.load(out / "photo.npy"), values)
    assert len(list(out.iterdir())) == 1 + drawn
    if name in ("depth", "inverse_depth"):
        panel = cv2.cvtColor(cv2.imread(str(first)), cv2.COLOR_BGR2RGB)
        expected = prediction_panel(np.zeros((6, 8, 3), np.uint8), values[None], QUANTITIES[name])
        np.testing.assert_array_equal(panel, expected)


def test_infer_turns_a_photograph_as_its_exif_says(infer, tmp_path):
    seen, photo = [], np.zeros((6, 8, 3), np.uint8)
    photo[0] = 255  # the upper edge as it is stored is the right one of the upright picture
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(photo).save(tmp_path / "photo.png", exif=exif)
    infer(tmp_path / "photo.png", predict=lambda image: (seen.append(image), first_value(image))[1])
    np.testing.assert_array_equal(seen[0], np.rot90(photo, 3))
    assert seen[0].shape == (8, 6, 3) and (seen[0][:, -1] == 255).all()


def test_infer_goes_on_after_a_broken_image_and_tells_it(infer, tmp_path, capsys):
    write_photos(tmp_path, a=1, c=3)
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:40])
    assert infer(*(tmp_path / f"{name}.png" for name in "abc"), "--save-npy") == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(f"no result: {tmp_path}/b.png: not a readable image")
    assert lines[1:] == ["1 of 3 images without a result, named above"]
    assert [np.load(tmp_path / f"out/{name}.npy")[0, 0] for name in "ac"] == [2, 4]
    assert not list((tmp_path / "out").glob("b*"))
    with pytest.raises(UserError, match=r"b\.png: not a readable image"):  # alone it is a mistake
        infer(tmp_path / "b.png")


def test_infer_keeps_the_tree_of_a_folder(infer, tmp_path):
    write_photos(tmp_path / "photos", **{"1": 1, "left_1": 2, "right_1": 3, "right_deep_v1.2": 4})
    assert infer(tmp_path / "photos", "--save-npy") == 0
    values = {"1": 1, "left/1": 2, "right/1": 3, "right/deep/v1.2": 4}
    assert {name: np.load(tmp_path / f"out/{name}.npy")[0, 0] - 1 for name in values} == values
    assert len(list((tmp_path / "out").rglob("*_depth.png"))) == 4


def test_infer_takes_lists_and_patterns(infer, tmp_path):
    write_photos(tmp_path / "photos", **{"1": 1, "left_1": 2, "left_2": 3})
    (tmp_path / "photos/some.txt").write_text("left/1.png\n1.png\n")
    assert infer(tmp_path / "photos/some.txt", "--save-npy") == 0
    found = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.npy"))
    assert found == ["1.npy", "left/1.npy"]
    assert infer(f"{tmp_path}/photos/**/2.png", "--save-npy") == 0
    assert np.load(tmp_path / "out/left/2.npy")[0, 0] == 4


def test_infer_overwrites_no_result_of_the_same_call(infer, tmp_path):
    write_photos(tmp_path, left_1=2, right_1=3)
    with pytest.raises(UserError, match=r"left/1\.png and .*right/1\.png would both be written to .*out/1\*"):
        infer(tmp_path / "left/1.png", tmp_path / "right/1.png")
    assert not list((tmp_path / "out").glob("*"))
    assert infer(tmp_path / "left/1.png", tmp_path / "left/1.png") == 0  # one image, twice


def test_infer_tells_what_it_replaces_and_never_replaces_an_input(infer, tmp_path, capsys):
    write_photos(tmp_path / "out", a=2)
    assert infer(tmp_path / "out/a.png", "--save-npy", overwrite=False) == 0
    assert "replaced" not in capsys.readouterr().err
    before = (tmp_path / "out/a_depth.png").stat().st_mtime_ns
    user_error(
        lambda: infer(tmp_path / "out/a.png", "--save-npy", overwrite=False),
        f"'{tmp_path}/out/a_depth.png' and 1 more of the files to write are there already",
        "add --overwrite",
    )
    assert (tmp_path / "out/a_depth.png").stat().st_mtime_ns == before
    assert infer(tmp_path / "out/a.png", "--save-npy") == 0
    assert capsys.readouterr().err == f"{tmp_path}/out: 2 files of an earlier run were replaced\n"
    cv2.imwrite(str(tmp_path / "out/b.png"), np.zeros((6, 8, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "out/b_depth.png"), np.zeros((6, 8, 3), np.uint8))
    user_error(
        lambda: infer(f"{tmp_path}/out/b*.png"), "b_depth.png: is one of the inputs, and a result would replace it"
    )


def test_infer_draws_the_prediction_alone_in_the_colours_and_range_that_are_asked_for(infer, tmp_path):
    write_photos(tmp_path, a=0)
    values = ramp(np.zeros((6, 8, 3)))
    usual = percentile_range(values, np.ones(values.shape, bool))
    for words, expected in (
        ([], colorize(values, *usual)),
        (["--grayscale"], colorize(values, *usual, "gray_r")),
        (["--colormap", "viridis", "--vmin", "2", "--vmax", "4"], colorize(values, 2, 4, "viridis")),
        (["--vmax", "3"], colorize(values, usual[0], 3)),
    ):
        assert infer(tmp_path / "a.png", "--pred-only", *words, predict=ramp) == 0
        drawn = cv2.cvtColor(cv2.imread(str(tmp_path / "out/a_depth.png")), cv2.COLOR_BGR2RGB)
        np.testing.assert_array_equal(drawn, expected)
    infer(tmp_path / "a.png", "--pred-only", "--grayscale", predict=ramp, quantity="inverse_depth")
    drawn = cv2.imread(str(tmp_path / "out/a_inverse_depth.png"))
    assert drawn[0, 0].tolist() == [0, 0, 0] and drawn[-1, -1].tolist() == [255, 255, 255]  # near is bright
    assert color_table("gray")[[0, 100, 255]].tolist() == [[0] * 3, [100] * 3, [255] * 3]


def test_infer_writes_16_bit_pngs_and_exr_with_unit_and_camera(infer, tmp_path):
    write_photos(tmp_path, a=0)
    words = ["--save", "png16", "exr", "--focal-length", "500"]
    assert infer(tmp_path / "a.png", *words, predict=ramp) == 0
    values = ramp(np.zeros((6, 8, 3)))
    with Image.open(tmp_path / "out/a_16bit.png") as picture:
        facts = picture.text
    assert (facts["quantity"], facts["unit"], facts["scale"], facts["offset"]) == ("depth", "m", "256", "0")
    assert [float(facts[name]) for name in ("fx", "fy", "cx", "cy")] == [500, 500, 3.5, 2.5]
    stored = read_png16_values(tmp_path / "out/a_16bit.png", "")
    np.testing.assert_array_equal(stored, np.rint(values.astype(np.float64) * 256))
    np.testing.assert_array_equal(read_exr(tmp_path / "out/a.exr"), values)
    import OpenEXR

    header = OpenEXR.File(str(tmp_path / "out/a.exr")).header()
    assert (header["quantity"], header["unit"], float(header["fx"])) == ("depth", "m", 500)


def test_a_relative_16_bit_png_says_how_its_values_come_back(infer, tmp_path):
    write_photos(tmp_path, a=0)
    values = ramp(np.zeros((6, 8, 3))) - 2
    assert infer(tmp_path / "a.png", "--save", "png16", predict=lambda _: values, quantity="inverse_depth") == 0
    with Image.open(tmp_path / "out/a_16bit.png") as picture:
        facts, stored = picture.text, np.asarray(picture)
    assert (stored.min(), stored.max(), facts["unit"]) == (1, 65535, "none, relative")
    back = stored / float(facts["scale"]) + float(facts["offset"])
    np.testing.assert_allclose(back, values, atol=4 / 65534 / 2 * 1.01)


def test_what_a_format_cannot_hold_is_told_and_the_rest_is_written(infer, tmp_path, capsys):
    write_photos(tmp_path, a=10)
    far = lambda image: np.full(image.shape[:2], 300, np.float32)  # noqa: E731
    assert infer(tmp_path / "a.png", "--save", "png16", "npy", predict=far) == 1
    lines = capsys.readouterr().err.splitlines()
    assert "has values from 300 to 300, and a 16-bit PNG holds 0 to 256" in lines[0]
    assert lines[1] == "1 files could not be written as asked, named above"
    assert (tmp_path / "out/a.npy").exists() and not (tmp_path / "out/a_16bit.png").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--save", "pngg"], "--save has no format 'pngg'; did you mean 'png16'?"),
        (["--grayscale", "--colormap", "turbo"], "--grayscale and --colormap turbo name two ways"),
        (["--colormap", "rainbow"], "no colour map is called 'rainbow'"),
        (["--vmin", "3", "--vmax", "2"], "--vmin 3 and --vmax 2: expected a range that rises"),
        (["--smooth", "1"], "--smooth is 1, expected 0 up to less than 1"),
        (["--focal-length", "-5"], "--focal-length is -5, expected a number above 0"),
        (["--focal-length", "5", "--intrinsics", "x.txt"], "--focal-length and --intrinsics both tell the camera"),
        (["--intrinsics", "none.txt"], "none.txt: cannot be read"),
    ],
)
def test_options_that_make_no_sense_are_one_line(infer, tmp_path, words, said):
    write_photos(tmp_path, a=0)
    user_error(lambda: infer(tmp_path / "a.png", *words), said)


def test_many_pictures_are_told_with_the_time_left(infer, tmp_path, capsys):
    write_photos(tmp_path / "photos", **{f"{number:02d}": number for number in range(20)})
    assert infer(tmp_path / "photos") == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10 and lines[0].startswith("predict: 2/20, ") and lines[-1].startswith("predict: 20/20, ")


def test_without_a_config_the_tool_takes_the_model_that_comes_with_mdetools(tmp_path, monkeypatch):
    tool, asked = load_tool("infer"), []
    monkeypatch.setattr("mdetools.apis.opening.load", lambda *words, **options: asked.append((words, options)))
    for words in (["a.png", "b.png"], ["a.png", "--model", "mine.safetensors", "--flip", "mean"]):
        monkeypatch.setattr(sys, "argv", ["infer.py", *words])
        tool.choose_model(tool.parse_args())
    assert [words for words, _ in asked] == [("mdetools-tiny", None), ("mine.safetensors", None)]
    assert asked[1][1]["flip"] == "mean"
    user_error(lambda: tool.choose_model(arguments("configs/dav2/vits_nyu.py", "a.pth")), "expected CONFIG CKPT INPUT")
    user_error(lambda: tool.choose_model(arguments("dav2/vits_nyu")), "is followed by nothing")
    user_error(
        lambda: tool.choose_model(arguments("dav2/vits_nyu", "a.pth", "b.png", model="m")), "name two models; leave one"
    )


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (
            ["mine.safetensors", "a.png"],
            "'mine.safetensors' is a model, not a picture; give a published one by --model",
        ),
        (["a.png", "best.PTH"], "'best.PTH' is a model, not a picture; give a published one by --model FILE, another"),
        (["garden.onnx", "a.png"], "'garden.onnx' is a model, not a picture"),
        (["mdetools-tiny", "a.png"], "'mdetools-tiny' is a model, not a picture; give it by --model mdetools-tiny"),
        (["dav2/vits_nyuu", "a.pth", "b.png"], "before it is no config 'dav2/vits_nyuu'; did you mean 'dav2/vits_nyu'"),
        (["dav2/vits_nyu", "a.pth", "b.png", "c.pt"], "'c.pt' is a model, not a picture"),
    ],
)
def test_a_model_among_the_inputs_is_one_line_before_any_work(monkeypatch, inputs, said):
    tool = load_tool("infer")
    monkeypatch.setattr("mdetools.apis.opening.open_model", lambda *_, **__: pytest.fail("a model was opened"))
    user_error(lambda: tool.choose_model(arguments(*inputs)), said)


def test_a_folder_may_be_called_as_a_model(monkeypatch, tmp_path):
    tool, asked = load_tool("infer"), []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mdetools.apis.opening.open_model", lambda *words, **_: asked.append(words))
    for name in ("mdetools-tiny", "photos.pt"):
        (tmp_path / name).mkdir()
    tool.choose_model(arguments("mdetools-tiny", "photos.pt"))
    assert len(asked) == 1


def arguments(*inputs, model=None):
    return SimpleNamespace(inputs=list(inputs), model=model, cfg_options=[], weights_as_is=False, device=None)
