import cv2
import numpy as np
import pytest
from support.user_errors import user_error

from mdetools.datasets.transforms import RandomAspectCrop, RandomCrop, RandomHorizontalFlip, Resize
from mdetools.datasets.transforms.geometric import lower_bound_size
from mdetools.errors import UserError

K = np.array([[70.0, 0, 47.3], [0, 72, 30.6], [0, 0, 1]], np.float32)  # of a 64x96 image


def make_sample(height=64, width=96, seed=0, **more):
    rng = np.random.default_rng(seed)
    depth = rng.uniform(1, 9, (height, width)).astype(np.float32)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    intrinsics = K * np.float32([[width / 96], [height / 64], [1]])
    meta = dict(id="room/1", path="room/1.h5")
    return dict(image=image, depth=depth, valid_mask=depth > 2, intrinsics=intrinsics, meta=meta, **more)


def scene(height=64, width=96):
    """A textured slanted plane seen by K: colour and depth of each pixel follow from its 3-D point alone.

    Colour is 128 + 100 * (sine of X, cosine of Y), and the plane is Z = 3 + 0.4 X + 0.2 Y.
    """
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    image, depth = render(K.astype(np.float64), x, y)
    valid_mask = depth > 2.7
    return dict(image=image, depth=depth, valid_mask=valid_mask, intrinsics=K, meta=dict(id="plane", path="plane"))


def render(intrinsics, x, y):
    """Colour and depth that the pixels (x, y) of a camera must have; a mirrored camera sees X negated."""
    ray_x = (x - intrinsics[0, 2]) / intrinsics[0, 0]
    ray_y = (y - intrinsics[1, 2]) / intrinsics[1, 1]
    depth = 3 / (1 - 0.4 * ray_x - 0.2 * ray_y)
    point_x, point_y = ray_x * depth, ray_y * depth
    colour = np.stack([np.sin(2 * point_x), np.cos(2 * point_y), np.sin(point_x + point_y)], -1)
    return np.round(128 + 100 * colour).astype(np.uint8), depth.astype(np.float32)


def assert_true(sample, mirrored=False, colour_tolerance=6, depth_tolerance=0.03):
    """Renders the scene again with the sample's intrinsics: colour and depth must lie at the same pixels."""
    height, width = sample["image"].shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    intrinsics = sample["intrinsics"].astype(np.float64)
    if mirrored:  # the mirror image of a camera sees at x what the camera sees at 2 cx - x
        x = 2 * intrinsics[0, 2] - x
    image, depth = render(intrinsics, x, y)
    inner = np.s_[4:-4, 4:-4]  # cubic interpolation repeats the border
    difference = np.abs(image.astype(int) - sample["image"].astype(int))[inner]
    assert difference.max() <= colour_tolerance
    error = np.abs(sample["depth"] - depth)[inner]
    assert error.max() <= depth_tolerance
    assert abs(np.mean((sample["depth"] - depth)[inner])) < 1e-3  # no systematic shift of depth against the image
    np.testing.assert_array_equal(sample["valid_mask"], sample["depth"] > 2.7)


# How far depth may be off: half a source pixel along the plane's steepest gradient, for nearest interpolation.
@pytest.mark.parametrize(
    ("size", "aspect"), [(64, True), (98, True), (140, True), ((112, 98), False), ((98, 210), True)]
)
def test_resize_keeps_intrinsics_true(size, aspect):
    resized = Resize(size, multiple_of=14, keep_aspect=aspect)(scene(), None)
    assert_true(resized)


def test_crop_keeps_intrinsics_true():
    for seed in range(8):
        assert_true(
            RandomCrop((40, 50))(scene(), np.random.default_rng(seed)), colour_tolerance=0, depth_tolerance=1e-5
        )


def test_aspect_crop_keeps_intrinsics_true():
    for aspect, shape in ((1.0, (64, 64)), (0.75, (64, 48)), (1.5, (64, 96)), (2.0, (48, 96))):
        cropped = RandomAspectCrop(aspect)(scene(), np.random.default_rng(3))
        assert cropped["image"].shape[:2] == shape
        assert_true(cropped, colour_tolerance=0, depth_tolerance=1e-5)


def test_flip_keeps_intrinsics_true():
    assert_true(RandomHorizontalFlip(1.0)(scene(), np.random.default_rng(0)), True, 0, 1e-5)


def test_all_together_keep_intrinsics_true():
    for seed in range(6):
        rng = np.random.default_rng(seed)
        sample = RandomAspectCrop(1.2)(scene(), rng)
        sample = RandomHorizontalFlip(1.0)(sample, rng)
        sample = RandomCrop(84)(Resize(98)(sample, rng), rng)
        assert sample["image"].shape == (84, 84, 3)
        assert_true(sample, mirrored=True)


def test_flip_probability_and_values():
    rng, sample = np.random.default_rng(0), make_sample()
    results = [RandomHorizontalFlip(0.3)(sample, rng)["image"] for _ in range(400)]
    flips = [np.array_equal(image, sample["image"][:, ::-1]) for image in results]
    same = [np.array_equal(image, sample["image"]) for image in results]
    assert sum(flips) + sum(same) == 400
    assert 90 < sum(flips) < 150  # 120 expected, standard deviation 9


def test_flip_of_a_stereo_pair_swaps():
    """After the flip, left(x) must again equal right(x - d)."""
    disparity = 5
    right = make_sample()["image"]
    left = np.roll(right, disparity, axis=1)  # left(x) = right(x - d)
    sample = make_sample() | dict(image=left, image_right=right, baseline=0.5)
    flipped = RandomHorizontalFlip(1.0)(sample, np.random.default_rng(0))
    np.testing.assert_array_equal(flipped["image"][:, disparity:], flipped["image_right"][:, :-disparity])
    np.testing.assert_array_equal(flipped["image"], right[:, ::-1])
    assert not flipped["valid_mask"].any()  # the depth was that of the other image
    assert flipped["depth"].max() == 0


# Sizes of Depth Anything V2's lower-bound resize, computed by hand: x / 14 rounded half to even, up if too small.
@pytest.mark.parametrize(
    ("shape", "size", "multiple", "aspect", "expected"),
    [
        ((480, 640), (518, 518), 14, True, (518, 686)),  # 690.67 / 14 = 49.33
        ((640, 480), (518, 518), 14, True, (686, 518)),
        ((240, 320), (518, 518), 14, True, (518, 686)),
        ((375, 1242), (518, 518), 14, True, (518, 1722)),  # 1715.6 / 14 = 122.54
        ((480, 640), (520, 520), 14, True, (532, 700)),  # 37.14 rounds to 518 < 520, so up; 693.3 / 14 = 49.52
        ((480, 640), (518, 518), 14, False, (518, 518)),
        ((480, 640), (100, 300), 14, False, (112, 308)),  # 7.14 -> 98 < 100 -> 112; 21.43 -> 294 < 300 -> 308
        ((10, 15), (14, 14), 14, True, (14, 28)),  # 21 / 14 = 1.5 -> 2 (even)
        ((10, 25), (14, 14), 14, True, (14, 28)),  # 35 / 14 = 2.5 -> 2 (even)
        ((333, 500), (100, 100), 1, True, (100, 150)),
    ],
)
def test_lower_bound_size(shape, size, multiple, aspect, expected):
    assert lower_bound_size(*shape, size, multiple, aspect) == expected
    sample = make_sample(*shape)
    assert Resize(size, multiple, aspect)(sample, None)["image"].shape[:2] == expected


def test_resize_is_cubic_up_to_clipping():
    image = cv2.GaussianBlur(make_sample()["image"], (5, 5), 1.5)
    resized = Resize(140)(make_sample() | dict(image=image), None)["image"]
    exact = cv2.resize(image.astype(np.float64), resized.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    assert np.abs(resized - np.clip(exact, 0, 255)).max() <= 1.0


def block_means(image, height, width):
    """The mean over the part of the image that each output pixel covers, in float64."""

    def weights(old, new):
        edges = np.arange(new + 1) * old / new
        cells = np.arange(old)
        return (
            np.clip(np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells), 0, None) * new / old
        )

    rows, columns = weights(image.shape[0], height), weights(image.shape[1], width)
    return np.einsum("yi,xj,ijc->yxc", rows, columns, image.astype(np.float64), optimize=True)


@pytest.mark.parametrize(
    ("shape", "size"), [((375, 1242), (188, 620)), ((234, 776), (188, 620)), ((90, 120), (30, 40))]
)
def test_resize_by_area(shape, size):
    image = cv2.GaussianBlur(make_sample(*shape)["image"], (3, 3), 0.8)  # as sharp as a photograph, and no sharper
    resized = Resize(size, 1, keep_aspect=False, interpolation="area")(make_sample(*shape) | dict(image=image), None)
    assert resized["image"].shape[:2] == size
    exact = block_means(image, *size)
    error, contrast = np.abs(resized["image"] - exact).mean(), exact.std()
    cubic = cv2.resize(image, size[::-1], interpolation=cv2.INTER_CUBIC)
    assert error < 0.2 * contrast
    assert error < 0.75 * np.abs(cubic - exact).mean()
    np.testing.assert_array_equal(resized["depth"], Resize(size, 1, False)(make_sample(*shape), None)["depth"])


def test_resize_by_area_is_exact_for_whole_blocks():
    sample = make_sample(64, 96)
    resized = Resize((32, 32), 1, keep_aspect=False, interpolation="area")(sample, None)["image"]
    assert np.abs(resized - block_means(sample["image"], 32, 32)).max() <= 0.51


def test_unknown_interpolation():
    with pytest.raises(UserError, match="no interpolation 'lanczos'; expected cubic or area"):
        Resize(interpolation="lanczos")


def test_resize_takes_the_nearest_depth_by_pixel_centres():
    sample = make_sample(29, 41)  # no pixel centre falls between two
    resized = Resize((84, 98), keep_aspect=False)(sample, None)
    rows = np.floor((np.arange(84) + 0.5) * 29 / 84).astype(int)
    columns = np.floor((np.arange(98) + 0.5) * 41 / 98).astype(int)
    np.testing.assert_array_equal(resized["depth"], sample["depth"][rows][:, columns])
    np.testing.assert_array_equal(resized["valid_mask"], sample["valid_mask"][rows][:, columns])
    assert resized["valid_mask"].dtype == bool


def test_resize_can_leave_the_depth():
    sample = make_sample()
    resized = Resize(140, resize_depth=False)(sample, None)
    assert resized["image"].shape[:2] == (140, 210)
    np.testing.assert_array_equal(resized["depth"], sample["depth"])
    np.testing.assert_array_equal(resized["valid_mask"], sample["valid_mask"])
    np.testing.assert_allclose(resized["intrinsics"][0, 0], K[0, 0] * 210 / 96, rtol=1e-6)
    with pytest.raises(UserError, match="room/1: image and maps differ in size.*resize_depth=True"):
        RandomCrop(98)(resized, np.random.default_rng(0))


def test_crop_reaches_every_place():
    sample = make_sample(8, 9)
    tops, lefts = set(), set()
    for seed in range(200):
        intrinsics = RandomCrop((6, 5))(sample, np.random.default_rng(seed))["intrinsics"]
        lefts.add(round(float(sample["intrinsics"][0, 2] - intrinsics[0, 2])))
        tops.add(round(float(sample["intrinsics"][1, 2] - intrinsics[1, 2])))
    assert tops == {0, 1, 2}
    assert lefts == {0, 1, 2, 3, 4}


def test_crop_larger_than_the_image():
    for size, found in ((65, "65x65"), ((64, 97), "64x97")):
        with pytest.raises(UserError, match=f"room/1: the image is 64x96, smaller than the crop of {found}; make the"):
            RandomCrop(size)(make_sample(), np.random.default_rng(0))
    assert RandomCrop((64, 96))(make_sample(), np.random.default_rng(0))["image"].shape == (64, 96, 3)


def test_inputs_are_not_changed():
    sample = make_sample(image_right=make_sample(seed=1)["image"])
    copies = {key: np.copy(value) for key, value in sample.items() if isinstance(value, np.ndarray)}
    for transform in (RandomHorizontalFlip(1.0), Resize(98), RandomCrop(40), RandomAspectCrop()):
        transform(sample, np.random.default_rng(0))
    for key, value in copies.items():
        np.testing.assert_array_equal(sample[key], value)


def test_a_strip_that_would_become_huge_is_refused():
    """10x4000 at 518 is 107 million pixels, half a million patches."""
    user_error(
        lambda: lower_bound_size(10, 4000, (518, 518)), "10x4000 becomes 518x207200 to be 518x518", "keep_aspect=False"
    )
    assert lower_bound_size(64, 2000, (518, 518)) == (518, 16184)  # 8.38 million
    assert lower_bound_size(10, 4000, (518, 518), keep_aspect=False) == (518, 518)
