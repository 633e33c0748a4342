"""What people reported elsewhere about pictures as input (rows 4, 10 and 11), with the relatives of each."""

import importlib.util

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from support.paths import ROOT
from support.small_inferencer import small_config, write_small_weights
from support.user_errors import user_error

from mdetools.apis import DepthInferencer
from mdetools.apis.inference import Preparation
from mdetools.datasets.readers.image import read_image
from mdetools.engine.configs.loading import load_config

DEEP = [8, 10, 12, 14, 16]


@pytest.fixture(scope="module")
def cfg():
    return small_config()


@pytest.fixture(scope="module")
def predict(cfg, tmp_path_factory):
    return DepthInferencer(cfg, write_small_weights(cfg, tmp_path_factory.mktemp("weights")), "cpu")


@pytest.fixture(scope="module")
def picture():
    """Smooth, from black to white."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    return ((smooth - smooth.min()) * (255 / np.ptp(smooth))).astype(np.uint8)


def of_bits(picture, bits):
    """The picture as a camera of so many bits stores it in 16."""
    return (picture.astype(np.uint32) * (2**bits - 1) // 255).astype(np.uint16)


# Row 4: the picture in memory


def test_arrays_of_any_layout_and_type_give_the_map_of_the_file(predict, picture):
    expected = predict(picture)[0].map
    frozen = picture.copy()
    frozen.flags.writeable = False
    tensor = torch.from_numpy(picture.copy()).permute(2, 0, 1)
    mirrored = np.ascontiguousarray(picture[..., ::-1])[..., ::-1]  # of negative strides
    for same in (frozen, mirrored, np.asfortranarray(picture), tensor.contiguous(), tensor.float().requires_grad_()):
        ranged = (0, 255) if torch.is_tensor(same) and same.dtype != torch.uint8 else None
        np.testing.assert_array_equal(predict(same, value_range=ranged)[0].map, expected)
    for values, value_range in (
        (picture.astype(">u2") * 257, (0, 65535)),
        (picture.astype(np.int64), (0, 255)),
        (picture.astype(np.float16), [0, 255]),
        ((picture / 255).astype(np.float16), (0, 1)),
        (of_bits(picture, 12), (0, 4095)),
    ):
        np.testing.assert_allclose(predict(values, value_range=value_range)[0].map, expected, atol=2e-3)
    assert np.abs(predict(picture // 16)[0].map - expected).max() > 0.05  # what a black picture would give


@pytest.mark.parametrize("mode", ["RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "P", "PA", "L", "LA", "1"])
def test_pil_images_of_every_mode_give_the_map_of_their_colours(predict, picture, mode):
    converted = Image.fromarray(picture).convert(mode)
    expected = predict(np.asarray(converted.convert("RGB")))[0].map
    np.testing.assert_array_equal(predict(converted)[0].map, expected)


def cut(folder, ending):
    path = folder / f"cut{ending}"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    return Image.open(path)


def closed(folder, ending):
    image = Image.fromarray(np.zeros((8, 8, 3), np.uint8))
    image.close()
    return image


@pytest.mark.parametrize(
    ("make", "ending", "said"),
    [
        (cut, ".jpg", ("cut.jpg: cannot be decoded (", "expected a whole image that is open")),
        (cut, ".png", ("cut.png: cannot be decoded (",)),
        (closed, "", ("a PIL image: cannot be decoded (Operation on closed image)",)),
        (lambda *_: Image.new("RGB", (0, 7)), "", ("a PIL image has the size (0, 7), expected one with pixels",)),
        (lambda *_: Image.new("I;16", (4, 4)), "", ("is of type uint16, with values from 0 to 0",)),
        (lambda *_: Image.new("F", (4, 4)), "", ("is of type float32",)),
    ],
)
def test_pil_images_that_are_broken_or_ambiguous_are_one_line(predict, tmp_path, make, ending, said):
    user_error(lambda: predict(make(tmp_path, ending)), *said)


@pytest.mark.parametrize(
    ("values", "value_range", "said"),
    [
        # A range without an end made every picture black, silently
        (np.full((4, 6, 3), 128.0), (0, np.inf), "value_range is (0, inf), expected the values of black and white"),
        (np.full((4, 6, 3), 128.0), (-np.inf, 1), "value_range is (-inf, 1)"),
        (np.full((4, 6, 3), 128.0), (np.nan, 1), "value_range is (nan, 1)"),
        (np.full((4, 6, 3), np.nan), None, "of type float64, with values none of which is a number"),
        (np.array([[np.nan, 0.25], [np.inf, 0.5]]), None, "with values from 0.25 to 0.5"),
        # Numbers in lists were taken for the numbers of cameras
        ([[[82, 1, 2]] * 4] * 4, None, "an input is a list of lists of numbers, expected an array for a picture"),
        ([[0.5, 0.5], [0.5, 0.5]], None, "an input is a list of lists of numbers"),
        ([np.zeros((4, 6, 3), np.uint8), [(1, 2, 3)]], None, "an input is a list of lists of numbers"),
        (torch.eye(8).to_sparse(), (0, 1), "a picture in memory is a tensor of the layout torch.sparse_coo"),
        (torch.empty(3, 8, 8, device="meta"), (0, 1), "a picture in memory is a tensor without values"),
        (np.zeros((4, 6, 3), complex), (0, 1), "is of type complex128"),
        (np.zeros((4, 6, 3), object), None, "is of type object"),
        (np.zeros((4, 6, 2), np.uint8), None, "has shape (4, 6, 2)"),
        (np.zeros((1, 1, 4, 6, 3), np.uint8), None, "has shape (1, 1, 4, 6, 3)"),
        (np.zeros((2, 40, 60), np.uint8), None, "has shape (2, 40, 60)"),
        (np.full((4, 6, 3), 200, np.uint8), (0, 1), "has the value 200, expected 0..1"),
        ("https://example.com/a.jpg", None, "a.jpg: cannot be read"),
    ],
)
def test_what_is_ambiguous_is_one_line(predict, values, value_range, said):
    user_error(lambda: predict(values, value_range=value_range), said)


# Row 10: 10, 12 and 14 bits in files of 16


@pytest.mark.filterwarnings("ignore:.*the largest value of this 16-bit image:UserWarning")
@pytest.mark.parametrize("bits", DEEP)
@pytest.mark.parametrize("ending", [".png", ".tiff", ".ppm"])
def test_cameras_of_fewer_bits_than_their_files_give_the_map_of_8_bits(predict, picture, tmp_path, bits, ending):
    expected = predict(picture)[0].map
    path = tmp_path / f"deep{ending}"
    cv2.imwrite(str(path), of_bits(picture, bits)[..., ::-1])
    assert np.abs(read_image(path).astype(int) - picture).max() <= 1
    np.testing.assert_allclose(predict(path)[0].map, expected, atol=2e-3)


@pytest.mark.filterwarnings("ignore:.*the largest value of this 16-bit image:UserWarning")
@pytest.mark.parametrize("largest", [1023, 4095, 16383])
def test_a_netpbm_file_says_its_largest_value(picture, tmp_path, largest):
    values = (picture.astype(np.uint32) * largest // 255).astype(">u2")
    path = tmp_path / "a.ppm"
    path.write_bytes(b"P6\n64 48\n%d\n" % largest + values.tobytes())
    assert np.abs(read_image(path).astype(int) - picture).max() <= 1


@pytest.mark.filterwarnings("ignore:.*the largest value of this 16-bit image:UserWarning")
@pytest.mark.parametrize("bits", DEEP)
def test_a_turned_or_grey_picture_of_fewer_bits_is_no_darker(predict, picture, tmp_path, bits):
    path = tmp_path / "grey.png"
    cv2.imwrite(str(path), of_bits(picture[..., 0], bits))
    np.testing.assert_allclose(predict(path)[0].map, predict(picture[..., 0])[0].map, atol=2e-3)


@pytest.mark.filterwarnings("ignore:.*the largest value of this 16-bit image:UserWarning")
@pytest.mark.parametrize("bits", DEEP)
def test_the_runner_of_exported_models_reads_them_as_the_toolbox_does(picture, tmp_path, bits):
    """OpenCV alone takes the upper half of 16 bits, so that 12 of them came out nearly black."""
    pytest.importorskip("onnxruntime")
    spec = importlib.util.spec_from_file_location("onnx_runner", ROOT / "examples" / "onnx_runner.py")
    runner = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runner)
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), of_bits(picture, bits)[..., ::-1])
    np.testing.assert_array_equal(runner.read(str(path)), read_image(path))
    assert np.abs(runner.read(str(path)).astype(int) - picture).max() <= 1
    cv2.imwrite(str(tmp_path / "a.png"), picture[..., ::-1])
    np.testing.assert_array_equal(runner.read(str(tmp_path / "a.png")), picture)
    cv2.imwrite(str(tmp_path / "float.tiff"), picture.astype(np.float32) / 255)
    (tmp_path / "text.png").write_text("no picture")
    assert runner.read(str(tmp_path / "float.tiff")) is None is runner.read(str(tmp_path / "text.png"))


@pytest.mark.parametrize("name", ["float.tiff", "light.hdr"])
def test_pictures_of_floats_are_refused(picture, predict, tmp_path, name):
    cv2.imwrite(str(tmp_path / name), picture.astype(np.float32) / 255)
    user_error(lambda: predict(tmp_path / name), f"{name}: is an image of float32, expected 8 or 16 bits")


# Row 11: thin strips, which grow to many patches


@pytest.mark.parametrize("size", [(32, 1024), (1024, 32), (1, 500), (3000, 1)])
def test_a_strip_that_would_have_too_many_patches_is_one_line(size):
    prepare = Preparation(load_config("configs/dav2/vits_nyu.py"))
    image = np.zeros((*size, 3), np.uint8)
    line = user_error(lambda: prepare(image, "strip"), f"an image of {size[0]}x{size[1]} becomes ")
    rows, columns = map(int, line.partition("becomes ")[2].split()[0].split("x"))
    assert rows * columns > 2**23 and min(rows, columns) == 518 and rows % 14 == columns % 14 == 0
    assert "8388608 pixels at most; crop it, or set another size" in line


def test_what_stays_below_the_cap_is_predicted_at_its_own_size(predict):
    for size in ((1, 1), (2, 2), (1, 60), (60, 1), (56, 3000)):
        (result,) = predict(np.zeros((*size, 3), np.uint8))
        assert result.map.shape == result.size == size and np.isfinite(result.map).all()


def test_a_strip_among_others_is_named_and_skipped(predict, picture, tmp_path):
    told = []
    for name, image in (("a", picture), ("b", np.zeros((1, 9000, 3), np.uint8)), ("c", picture)):
        cv2.imwrite(str(tmp_path / f"{name}.png"), image[..., ::-1])
    results = list(predict.stream(tmp_path, skip=lambda path, error: told.append((path, str(error)))))
    assert [result.path for result in results] == [str(tmp_path / "a.png"), str(tmp_path / "c.png")]
    assert told[0][0] == str(tmp_path / "b.png") and "an image of 1x9000 becomes 56x504000" in told[0][1]
    user_error(lambda: predict(tmp_path), "an image of 1x9000 becomes")


@pytest.mark.parametrize("value", [0, -1, 3.5, "56", True, (56,), (56, 56, 56), (56, 0), (56.0, 56)])
def test_an_input_size_that_is_none_is_one_line(cfg, value):
    user_error(lambda: Preparation(cfg, value), f"the input size is {value}, expected pixels, or (height, width)")


def test_an_input_size_beyond_the_cap_is_one_line(cfg):
    prepare = Preparation(cfg, 10**6)
    user_error(lambda: prepare(np.zeros((48, 64, 3), np.uint8), ""), "8388608 pixels at most")
