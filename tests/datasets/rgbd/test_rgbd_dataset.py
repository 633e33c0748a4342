"""The options of `RGBDDataset`, and what it says of data that do not fit them."""

import warnings

import cv2
import numpy as np
import pytest
from PIL import Image
from support.depth_formats import write_depth
from support.nyu_layout import make_frame
from support.user_errors import user_error

from mdetools.datasets import RGBDDataset
from mdetools.registry import DATASETS
from mdetools.testing import check_sample
from mdetools.visualization import write_image

IMAGE, DEPTH = make_frame()
CAMERA = [30.0, 30.0, 15.5, 11.5]
MILLIMETRES = np.round(DEPTH * 1000).astype(np.uint16)


def write(root, values=MILLIMETRES, image=IMAGE, ending=".png", number=0):
    write_image(root / f"train/images/{number}.png", image)
    write_depth(root / f"train/depth/{number}{ending}", values)
    return str(root)


def test_a_packed_sample_keeps_the_contract(tmp_path):
    config = dict(type="RGBDDataset", data_root=write(tmp_path), intrinsics=CAMERA, pipeline=[dict(type="PackSample")])
    sample = DATASETS.build(config)[0]
    check_sample(sample, "RGBDDataset")
    assert sample["size"].tolist() == [24, 32] and sample["intrinsics"][0, 0] == 30


def test_without_a_camera_there_is_no_key(tmp_path):
    assert sorted(RGBDDataset(write(tmp_path)).load(0)) == ["depth", "image", "meta", "valid_mask"]


TURNED = "the image may have an EXIF rotation, which data sets do not apply"
WRONG = {
    "kind": (dict(depth_kind="inverse"), "RGBDDataset has no depth_kind 'inverse'; did you mean 'inverse_depth'?"),
    "scale 0": (dict(depth_scale=0), "depth_scale is 0, expected the files' units per metre"),
    "scale below 0": (dict(depth_scale=-1000.0), "depth_scale is -1000.0"),
    "no scale": (dict(depth_scale=float("nan")), "depth_scale is nan"),
    "a scale beyond reason": (dict(depth_scale=1e300), "depth_scale is 1e+300"),
    "text": (dict(depth_scale="mm"), "depth_scale is mm"),
    "holes": (dict(holes=["zero"]), "holes has 'zero'"),
    "bits of text": (dict(image_bits="12"), "RGBDDataset: image_bits is 12, expected", "8 to 16; set it"),
    "too few bits": (dict(image_bits=7), "RGBDDataset: image_bits is 7"),
    "too many bits": (dict(image_bits=17), "RGBDDataset: image_bits is 17"),
    "half bits": (dict(image_bits=12.0), "RGBDDataset: image_bits is 12.0"),
    "size": (dict(match_size="images"), "RGBDDataset has no match_size 'images'; did you mean 'image'?"),
    "baseline": (dict(depth_kind="disparity", baseline=-0.1), "RGBDDataset: the baseline is -0.1 m"),
    "no baseline": (
        dict(depth_kind="disparity", intrinsics=CAMERA),
        "needs the cameras' distance in metres; set baseline",
    ),
    "no camera": (
        dict(depth_kind="distance"),
        "depth_kind 'distance' needs the camera, and there is no intrinsics.txt",
    ),
    "no focal length": (dict(depth_kind="disparity", baseline=0.1), "depth_kind 'disparity' needs the camera"),
    "three numbers": (dict(intrinsics=[1, 2, 3]), "intrinsics: found [1, 2, 3], expected fx fy cx cy"),
    "no split": (dict(split="val"), "no folder ", "/val, nor a list ", "set --data-root or split"),
    "sky": (dict(sky="sky"), "sky is 'sky', expected the value that stands for sky", "one of max, nan, inf"),
    "sky True": (dict(sky=True), "sky is True, expected the value"),
    "relative sky": (dict(sky=0, depth_kind="relative_inverse_depth"), "sky is 0 and depth_kind 'relative_inverse"),
    "no list": (dict(split="val.csv"), "no folder ", "/val.csv, nor a list"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_option_is_one_line_at_the_start(tmp_path, case):
    options, *words = WRONG[case]
    root = write(tmp_path)
    user_error(lambda: RGBDDataset(root, **options), *words)


@pytest.mark.parametrize("values, found", [(-1.0, "negative"), (-0.001, "negative")])
def test_values_that_no_hole_names_are_counted(tmp_path, values, found):
    root = write(tmp_path, np.where(DEPTH > 5, np.float32(values), DEPTH), ending=".npy")
    line = user_error(lambda: RGBDDataset(root, depth_scale=1).load(0), f"{(DEPTH > 5).sum()} {found} of 768")
    assert "name these values in holes=[...]" in line
    sample = RGBDDataset(root, depth_scale=1, holes=[0, values]).load(0)
    np.testing.assert_array_equal(sample["valid_mask"], (DEPTH > 0) & (DEPTH <= 5))


def test_nan_is_no_hole_if_the_option_says_so(tmp_path):
    root = write(tmp_path, np.where(DEPTH > 5, np.float32(np.nan), DEPTH), ending=".npy")
    user_error(lambda: RGBDDataset(root, depth_scale=1, holes=[0]).load(0), f"{(DEPTH > 5).sum()} NaN of 768")


def test_8_bit_depth_is_read_with_its_scale_and_one_warning(tmp_path):
    for number in range(2):
        write(tmp_path, np.clip(DEPTH * 25.5, 0, 254).astype(np.uint8), number=number)
    dataset = RGBDDataset(str(tmp_path), depth_scale=25.5)
    with pytest.warns(
        UserWarning, match=r"depth/0.png: depth has 8 bits, 256 steps in all, .*depth_scale=25.5"
    ) as told:
        samples = [dataset.load(number) for number in (0, 1, 0)]
    assert len(told) == 1
    assert np.abs(samples[1]["depth"] - DEPTH).max() <= 1 / 25.5


def test_16_bit_depth_warns_of_nothing(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RGBDDataset(write(tmp_path)).load(0)


def test_depth_of_another_resolution_is_refused_and_the_option_named(tmp_path):
    root = write(tmp_path, MILLIMETRES[::2, ::2])
    user_error(
        lambda: RGBDDataset(root).load(0),
        "depth/0.png: depth is 12x16 and the image 24x32 (height x width)",
        "set match_size='image' or 'depth'",
    )


def test_both_get_the_size_of_the_depth(tmp_path):
    smooth = cv2.resize(IMAGE[:6, :8], (32, 24), interpolation=cv2.INTER_LINEAR)
    root = write(tmp_path, MILLIMETRES[::2, ::2], smooth)
    sample = RGBDDataset(root, match_size="depth", intrinsics=CAMERA).load(0)
    np.testing.assert_allclose(sample["depth"], MILLIMETRES[::2, ::2] / 1000, rtol=1e-6)
    means = smooth.reshape(12, 2, 16, 2, 3).mean((1, 3))
    assert np.abs(sample["image"] - means).max() <= 1
    np.testing.assert_allclose(sample["intrinsics"], [[15, 0, 7.5], [0, 15, 5.5], [0, 0, 1]])


def test_both_get_the_size_of_the_image(tmp_path):
    root = write(tmp_path, MILLIMETRES[::2, ::2])
    sample = RGBDDataset(root, match_size="image", intrinsics=CAMERA).load(0)
    np.testing.assert_allclose(sample["depth"], np.kron(MILLIMETRES[::2, ::2], np.ones((2, 2))) / 1000, rtol=1e-6)
    np.testing.assert_allclose(sample["intrinsics"], [[30, 0, 15.5], [0, 30, 11.5], [0, 0, 1]])
    assert sample["image"].shape == (24, 32, 3)


def test_larger_depth_than_the_image_goes_to_the_nearest_pixel(tmp_path):
    root = write(tmp_path, np.kron(MILLIMETRES, np.ones((3, 3))).astype(np.uint16))
    sample = RGBDDataset(root, match_size="image").load(0)
    np.testing.assert_allclose(sample["depth"], MILLIMETRES / 1000, rtol=1e-6)


def test_distance_at_another_resolution_has_the_camera_of_its_own_pixels(tmp_path):
    """A wall of 3 m, seen by a depth camera of half the resolution: pixel i of it lies between 2 i and 2 i + 1."""
    rows, columns = np.indices((12, 16))
    rays = np.stack([(2 * columns + 0.5 - 15.5) / 30, (2 * rows + 0.5 - 11.5) / 30, np.ones((12, 16))])
    distance = (3 * np.linalg.norm(rays, axis=0)).astype(np.float32)
    root = write(tmp_path, distance, ending=".npy")
    options = dict(depth_kind="distance", depth_scale=1, intrinsics=CAMERA)
    for size in ("image", "depth"):
        np.testing.assert_allclose(RGBDDataset(root, match_size=size, **options).load(0)["depth"], 3, rtol=1e-6)


def test_another_aspect_is_another_view(tmp_path):
    root = write(tmp_path, MILLIMETRES[:, ::2])
    for size in (None, "image", "depth"):
        user_error(lambda size=size: RGBDDataset(root, match_size=size).load(0), "expected the same aspect", "register")


@pytest.mark.parametrize("size", [(32, 24), (64, 48), (16, 12)])
def test_a_phone_s_upright_depth_of_an_image_that_is_stored_lying(tmp_path, size):
    """Of the image's own size, of another one; a phone writes the rotation into the EXIF alone."""
    root = write(tmp_path, np.full(size, 1000, np.uint16))
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "train/images/0.png").unlink()
    Image.fromarray(IMAGE).save(tmp_path / "train/images/0.jpg", exif=exif)
    for match_size in (None, "image", "depth"):
        dataset = RGBDDataset(root, match_size=match_size)
        user_error(lambda dataset=dataset: dataset.load(0), f"depth is {size[0]}x{size[1]} and the image 24x32", TURNED)


def test_images_of_12_bits_keep_one_brightness(tmp_path):
    for number, largest in enumerate((901, 1100, 4095)):
        write(tmp_path, number=number)
        image = np.full((24, 32, 3), 900, np.uint16)
        image[0, 0] = largest
        cv2.imwrite(str(tmp_path / f"train/images/{number}.png"), image)
    dataset = RGBDDataset(str(tmp_path), image_bits=12)
    for number, largest in enumerate((901, 1100, 4095)):
        image = dataset.load(number)["image"]
        assert (image[1:] == 900 >> 4).all() and (image[0, 0] == largest >> 4).all()


def test_scannet_s_two_cameras_have_almost_the_same_aspect(tmp_path):
    image = np.zeros((968, 1296, 3), np.uint8)
    root = write(tmp_path, np.full((480, 640), 1000, np.uint16), image)
    assert RGBDDataset(root, match_size="depth").load(0)["image"].shape == (480, 640, 3)


def test_a_frame_of_holes_alone_warns_and_stays(tmp_path):
    root = write(tmp_path, np.full_like(MILLIMETRES, 65535))
    with pytest.warns(UserWarning, match="all 768 pixels of the depth are holes"):
        assert not RGBDDataset(root, pipeline=[dict(type="PackSample")])[0]["valid_mask"].any()


def test_a_missing_file_later_on_is_one_line(tmp_path):
    dataset = RGBDDataset(write(tmp_path))
    (tmp_path / "train/depth/0.png").unlink()
    user_error(lambda: dataset.load(0), "0.png: cannot be read (No such file or directory)")


@pytest.mark.parametrize("sky, values, ending", [("inf", np.inf, ".npy"), ("max", 65535, ".png"), (9.5, 9.5, ".npy")])
def test_the_sky_is_a_hole_with_a_map_of_its_own(tmp_path, sky, values, ending):
    far = DEPTH > 5
    depth = MILLIMETRES if ending == ".png" else DEPTH.astype(np.float32)
    root = write(tmp_path, np.where(far, np.array(values, depth.dtype), depth), ending=ending)
    options = dict(depth_scale=1000.0 if ending == ".png" else 1.0)
    holes = [] if sky == 9.5 else ["max", "nan", "inf"]
    sample = RGBDDataset(root, sky=sky, holes=[0, *holes], **options).load(0)
    assert (sample["sky"] == far).all() and far.any() and not (sample["valid_mask"] & far).any()
    plain = RGBDDataset(root, holes=[0, *holes, *([9.5] if sky == 9.5 else [])], **options).load(0)
    assert "sky" not in plain
    for key in ("image", "depth", "valid_mask"):
        np.testing.assert_array_equal(sample[key], plain[key])
    packed = RGBDDataset(root, sky=sky, pipeline=[dict(type="PackSample")], **options)[0]
    check_sample(packed, "RGBDDataset")


def test_no_disparity_is_the_sky_if_one_says_so(tmp_path):
    disparity = np.array([[0, 2], [4, 0]], np.float32)
    root = write(tmp_path, disparity, np.zeros((2, 2, 3), np.uint8), ".npy")
    options = dict(depth_kind="disparity", depth_scale=1, intrinsics=[30, 30, 1, 1], baseline=0.1)
    sample = RGBDDataset(root, sky=0, **options).load(0)
    assert sample["sky"].tolist() == [[True, False], [False, True]]
    np.testing.assert_allclose(sample["depth"], [[0, 1.5], [0.75, 0]], rtol=1e-6)


@pytest.mark.parametrize("match", ["image", "depth"])
def test_the_sky_follows_the_size(tmp_path, match):
    depth = np.where(DEPTH > 5, np.inf, DEPTH + 1).astype(np.float32)[::2, ::2]  # without other holes
    root = write(tmp_path, depth, ending=".npy")
    sample = RGBDDataset(root, depth_scale=1, sky="inf", match_size=match).load(0)
    assert sample["sky"].shape == sample["image"].shape[:2] and (sample["sky"] == ~sample["valid_mask"]).all()


def test_relative_maps_are_inverse_depth(tmp_path):
    values = np.linspace(0, 65535, 768).round().astype(np.uint16).reshape(24, 32)
    options = dict(depth_kind="relative_inverse_depth", depth_scale=65535, pipeline=[dict(type="PackSample")])
    sample = RGBDDataset(write(tmp_path, values), **options)[0]
    check_sample(sample, "RGBDDataset")
    assert "depth" not in sample and sample["valid_mask"].all()  # the farthest pixel, 0, and the nearest, too
    np.testing.assert_allclose(sample["inverse_depth"][0].double(), values / 65535, rtol=1e-6)
    negative = -DEPTH.astype(np.float16)
    negative[0, 0] = np.nan
    write(tmp_path, negative, ending=".npy", number=1)
    sample = RGBDDataset(str(tmp_path), **options | dict(depth_scale=1, intrinsics=CAMERA))[1]
    assert sample["valid_mask"].sum() == 767 and not sample["inverse_depth"][0, 0, 0]
    np.testing.assert_array_equal(sample["inverse_depth"][0].numpy()[1:], negative[1:].astype(np.float32))
    write(tmp_path, np.full((24, 32), np.inf, np.float32), ending=".npy", number=2)
    user_error(
        lambda: RGBDDataset(str(tmp_path), **options, holes=[])[2],
        "train/depth/2.npy: inverse depth has 768 infinite of 768 values",
    )
