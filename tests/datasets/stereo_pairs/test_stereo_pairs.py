"""Your own rectified pairs: folders, lists, and their cameras."""

import shutil
import warnings

import cv2
import numpy as np
import pytest
from support.stereo_pairs import (
    BASELINE,
    DISPARITY,
    FOCAL,
    SIZE,
    pair_images,
    write_image,
    write_pair,
    write_pairs,
)
from support.user_errors import user_error

from mdetools.contract import SampleIndex
from mdetools.datasets import StereoPairDataset, collate_samples
from mdetools.registry import DATASETS
from mdetools.testing import check_dataset

PACK = [dict(type="PackSample")]
TRUTH = dict(depth="disparity", depth_scale=256.0)
RIG = dict(focal=FOCAL, baseline=BASELINE)
CENTRE = np.array([[FOCAL, 0, (SIZE[1] - 1) / 2], [0, FOCAL, (SIZE[0] - 1) / 2], [0, 0, 1]])


@pytest.fixture
def root(tmp_path):
    write_pairs(tmp_path / "pairs" / "train")
    return tmp_path / "pairs"


def ids(dataset):
    return [dataset.load(index)["meta"]["id"] for index in range(len(dataset))]


def silent(**given):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return StereoPairDataset(**given)


def test_pairs_of_folders(root):
    dataset = DATASETS.build(dict(type="StereoPairDataset", data_root=str(root), pipeline=PACK, **TRUTH, **RIG))
    assert ids(dataset) == ["a/1", "a/2", "b/1"]
    for index in range(3):
        sample = dataset.load(index)
        left, right = pair_images(index)
        np.testing.assert_array_equal(sample["image"], left)
        np.testing.assert_array_equal(sample["image_right"], right)
        np.testing.assert_allclose(sample["intrinsics"], CENTRE)
        assert sample["baseline"] == BASELINE
        assert not sample["depth"][0].any() and not sample["valid_mask"][0].any()
        np.testing.assert_allclose(sample["depth"][1:], FOCAL * BASELINE / DISPARITY, rtol=1e-6)
        assert sample["valid_mask"][1:].all()
    assert sample["meta"]["path"] == str(root / "train/left/b/1.png")
    check_dataset(dataset)
    flip = StereoPairDataset(str(root), pipeline=[dict(type="RandomHorizontalFlip", prob=1.0)])[SampleIndex(0, 0, 1)]
    np.testing.assert_array_equal(flip["image"][:, DISPARITY:], flip["image_right"][:, :-DISPARITY])


def test_without_cameras_there_is_disparity_alone(root):
    sample = silent(data_root=str(root), **TRUTH).load(0)
    assert set(sample) == {"image", "image_right", "inverse_depth", "valid_mask", "meta"}
    assert (sample["inverse_depth"][1:] == DISPARITY).all() and not sample["inverse_depth"][0].any()
    assert set(silent(data_root=str(root)).load(0)) == {"image", "image_right", "meta"}
    assert set(silent(data_root=str(root), focal=5.0).load(0)) == {"image", "image_right", "intrinsics", "meta"}
    only = silent(data_root=str(root), baseline=0.1, **TRUTH).load(0)
    assert only["baseline"] == 0.1 and "inverse_depth" in only and "depth" not in only
    check_dataset(StereoPairDataset(str(root), pipeline=PACK, **TRUTH))
    with_and_without = [StereoPairDataset(str(root), pipeline=PACK, **TRUTH, **rig)[0] for rig in (RIG, {})]
    batch = collate_samples(with_and_without)
    assert batch["baseline"][0] == BASELINE and batch["baseline"][1].isnan() and not batch["depth"][1].any()


@pytest.mark.parametrize(
    ("left", "right", "depth", "options"),
    [
        ("left/{}.png", "right/{}.jpg", "disparity/{}.png", {}),
        ("cam0/{}.jpg", "cam1/{}.png", "truth/{}.png", dict(left="cam0", right="cam1/", depth="truth")),
        ("{}/im0.png", "{}/im1.png", "{}/disp0.png", dict(left="*/im0", right="*/im1", depth="*/disp0")),
        ("{}_left.bmp", "{}_right.bmp", "{}_disp.png", dict(left="*_left", right="*_right", depth="*_disp")),
        ("l/{}.png", "r/{}.png", "d/{}.disp.png", dict(left="l/*", right="r/*", depth="d/*.disp.png")),
    ],
)
@pytest.mark.parametrize("split", ["train", "."])
def test_names_of_folders_and_files(tmp_path, left, right, depth, options, split):
    folder = tmp_path / "train" if split == "train" else tmp_path
    for seed, name in enumerate(["s1", "more/s2"]):
        write_pair(folder / left.format(name), folder / right.format(name), seed)
        write_image(folder / depth.format(name), np.full(SIZE, DISPARITY * 256, np.uint16))
    write_image(folder / "notes" / "s1.png", np.zeros(SIZE, np.uint8))
    dataset = silent(data_root=str(tmp_path), split=split, **TRUTH | options)
    assert ids(dataset) == ["more/s2", "s1"]
    smooth = left.endswith(".jpg") or right.endswith(".jpg")  # a .jpg of noise is another noise
    for index, seed in enumerate((1, 0)):
        sample = dataset.load(index)
        assert smooth or np.array_equal(sample["image"], pair_images(seed)[0])
        assert smooth or np.array_equal(sample["image_right"], pair_images(seed)[1])
        assert (sample["inverse_depth"] == DISPARITY).all()


@pytest.mark.parametrize("folder", ["left", "views/left", "left/rect"])
def test_a_pair_of_folders_in_each_scene(tmp_path, folder):
    other, truth = folder.replace("left", "right"), folder.replace("left", "disparity")
    for seed, name in enumerate(["one/{}/1.png", "two/more/{}/1.png", "two/more/{}/a/b/2.png"]):
        write_pair(*(tmp_path / "train" / name.format(side) for side in (folder, other)), seed)
        write_image(tmp_path / "train" / name.format(truth), np.full(SIZE, DISPARITY * 256, np.uint16))
    options = dict(left=folder, right=other, **TRUTH | dict(depth=truth))
    dataset = silent(data_root=str(tmp_path), **options)
    assert ids(dataset) == ["one/1", "two/more/1", "two/more/a/b/2"]
    np.testing.assert_array_equal(dataset.load(2)["image_right"], pair_images(2)[1])
    assert (dataset.load(1)["inverse_depth"] == DISPARITY).all()
    write_pair(*(tmp_path / "train" / side / "9.png" for side in (folder, other)))
    write_image(tmp_path / "train" / truth / "9.png", np.full(SIZE, DISPARITY * 256, np.uint16))
    assert ids(silent(data_root=str(tmp_path), **options)) == ["9", "one/1", "two/more/1", "two/more/a/b/2"]


def whole_numbers(kind, factor):
    """Writes disparity as whole numbers, 0 where it is not known."""
    return lambda path, values: cv2.imwrite(str(path), kind(np.where(np.isfinite(values), values * factor, 0)))


def floats(path, values):
    assert cv2.imwrite(str(path), values.astype(np.float32))


@pytest.mark.parametrize(
    ("ending", "write", "options"),
    [
        (".pfm", floats, {}),
        (".tiff", floats, {}),
        (".npy", np.save, {}),
        (".npz", lambda path, values: np.savez(path, a=values[:2, 0], b=values), dict(depth_key="b")),
        (".png", whole_numbers(np.uint16, 16), dict(depth_scale=16)),
        (".png", whole_numbers(np.uint8, 4), dict(depth_scale=4)),
    ],
    ids=["pfm", "tiff", "npy", "npz", "16 bits", "8 bits"],
)
def test_formats_of_disparity(root, ending, write, options):
    folder = root / "train" / "truth"
    values = np.full(SIZE, float(DISPARITY))
    values[0] = np.inf  # as Middlebury's .pfm files mark what is not known
    folder.mkdir()
    for name in ("a/1", "a/2", "b/1"):
        (folder / name).parent.mkdir(exist_ok=True)
        write((folder / name).with_suffix(ending), values)
    sample = silent(data_root=str(root), depth="truth", **RIG, **options).load(1)
    np.testing.assert_allclose(sample["depth"][1:], 5.0, rtol=1e-6)
    assert not sample["depth"][0].any() and sample["valid_mask"].sum() == 29 * 64


@pytest.mark.parametrize("kind", ["depth", "distance", "inverse_depth"])
def test_other_kinds_of_truth(root, kind):
    columns, rows = np.meshgrid(np.arange(SIZE[1]), np.arange(SIZE[0]))
    x, y = (columns - CENTRE[0, 2]) / FOCAL, (rows - CENTRE[1, 2]) / FOCAL
    values = {"depth": 5.0, "distance": 5 * np.sqrt(1 + x**2 + y**2), "inverse_depth": 0.2}[kind] * np.ones(SIZE)
    for name in ("a/1", "a/2", "b/1"):
        path = root / "train/truth" / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, values)
    sample = StereoPairDataset(str(root), depth="truth", depth_kind=kind, **RIG).load(0)
    np.testing.assert_allclose(sample["depth"], 5.0, rtol=1e-5)
    bare = StereoPairDataset(str(root), depth="truth", depth_kind=kind)
    if kind == "distance":
        user_error(lambda: bare.load(0), "depth_kind 'distance' needs the camera", "set focal")
    else:
        np.testing.assert_allclose(bare.load(0)["depth"], 5.0, rtol=1e-5)


LISTS = {
    "words": ("{left} {right} {truth} 60 0.5\n", ".txt"),
    "tabs": ("{left}\t{right}\t{truth}\t60\t0.5\n", ".txt"),
    "commas": ("{left},{right},{truth},60,0.5\n", ".csv"),
    "header": ("baseline,right,disparity,left,focal\n0.5,{right},{truth},{left},60\n", ".csv"),
    "header of paths": ("left_path,right_path,depth_path,focal,baseline\n{left},{right},{truth},60,0.5\n", ".csv"),
    "quotes": ('# pairs\n"{left}" "{right}" "{truth}" 60 0.5\n', ".txt"),
    "absolute": ("{root}/{left} {root}/{right} {root}/{truth} 60 0.5\n", ".txt"),
}


@pytest.mark.parametrize("form", LISTS)
def test_pairs_of_a_list(root, form):
    text, ending = LISTS[form]
    places = {name: f"train/{name}/a/2.png" for name in ("left", "right", "disparity")}
    text = text.format(left=places["left"], right=places["right"], truth=places["disparity"], root=root)
    (root / f"some{ending}").write_text(text)
    dataset = silent(data_root=str(root), split="some", depth_scale=256.0)
    (sample,) = (dataset.load(index) for index in range(len(dataset)))
    assert sample["meta"]["id"] == "train/left/a/2"
    np.testing.assert_array_equal(sample["image"], pair_images(1)[0])
    np.testing.assert_allclose(sample["intrinsics"], CENTRE)
    np.testing.assert_allclose(sample["depth"][1:], 5.0, rtol=1e-6)


def test_lines_of_a_list_that_say_less(root):
    lines = [f"train/left/{name}.png train/right/{name}.png" for name in ("a/1", "a/2", "b/1")]
    (root / "bare.txt").write_text("\n".join(lines))
    assert set(silent(data_root=str(root), split="bare").load(2)) == {"image", "image_right", "meta"}
    assert silent(data_root=str(root), split="bare", **RIG).load(2)["baseline"] == BASELINE
    (root / "cameras.txt").write_text("\n".join(f"{line} 70 0.{number}" for number, line in enumerate(lines, 1)))
    cameras = silent(data_root=str(root), split="cameras", **RIG)
    assert [cameras.load(index)["baseline"] for index in range(3)] == [0.1, 0.2, 0.3]
    assert cameras.load(1)["intrinsics"][0, 0] == 70 and "depth" not in cameras.load(1)
    (root / "partly.txt").write_text(f"{lines[0]} None 70 0.1\n{lines[1]} train/disparity/a/2.png 70 0.2\n")
    with pytest.warns(UserWarning, match=r"partly.txt: 1 of 2 lines name no depth; they are left out"):
        partly = StereoPairDataset(str(root), "partly", depth_scale=256.0)
    assert ids(partly) == ["train/left/a/2"]
    (root / "alone.txt").write_text("train/left/a/1.png None\n")
    user_error(lambda: StereoPairDataset(str(root), "alone"), "none of its 1 lines names a right image")
    (root / "wrong.txt").write_text(f"{lines[0]} 70 -0.1\n")
    user_error(lambda: StereoPairDataset(str(root), "wrong").load(0), "wrong.txt:1: the baseline is -0.1 m")
    (root / "gone.txt").write_text("train/left/a/1.png train/right/none.png\n")
    user_error(lambda: StereoPairDataset(str(root), "gone"), "gone.txt:1: names train/right/none.png, which is not in")


def test_what_does_not_belong_together(root):
    (root / "train/right/a/1.png").unlink()
    write_image(root / "train/right/c/9.png", pair_images()[0])
    with pytest.warns(UserWarning, match=r"1 of 3 left images have no right file \(e.g. left/a/1.png\); they are left"):
        assert ids(StereoPairDataset(str(root))) == ["a/2", "b/1"]
    (root / "train/disparity/b/1.png").unlink()
    with pytest.warns(UserWarning, match="2 of 3 left images have no right or depth file"):
        assert ids(StereoPairDataset(str(root), **TRUTH)) == ["a/2"]
    user_error(
        lambda: StereoPairDataset(str(root), right="rechts"),
        "no files that belong together, found 3 left ('left'), 0 right ('rechts')", "or write a list",
    )  # fmt: skip
    write_image(root / "train/left/a/2.jpg", pair_images()[0])
    user_error(lambda: StereoPairDataset(str(root)), "left/a/2.jpg and left/a/2.png have the same name", "as *.png")
    with pytest.warns(UserWarning):
        assert ids(StereoPairDataset(str(root), left="left/*.png", right="right/*.png")) == ["a/2", "b/1"]
    user_error(lambda: StereoPairDataset(str(root), "val"), f"no folder {root / 'val'}, and no list", "--data-root")


def test_files_that_do_not_fit(root):
    write_image(root / "train/right/a/1.png", np.zeros((30, 60, 3), np.uint8))
    dataset = StereoPairDataset(str(root), **TRUTH, **RIG)
    user_error(lambda: dataset.load(0), "right/a/1.png: is 30x60, but", "is 30x64", "one size for a rectified pair")
    write_image(root / "train/disparity/a/2.png", np.ones((15, 32), np.uint16))
    user_error(lambda: dataset.load(1), "disparity/a/2.png: depth has shape (15, 32), expected (30, 64)")
    (root / "train/left/b/1.png").write_bytes(b"no image")
    user_error(lambda: dataset.load(2), "left/b/1.png: not a readable image")
    negative = np.full(SIZE, -3.0, np.float32)
    np.save(root / "train/disparity/a/2.npy", negative)
    (root / "train/disparity/a/2.png").unlink()
    user_error(lambda: StereoPairDataset(str(root), **TRUTH).load(1), "a/2.npy: depth has 1920 negative of 1920 values")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (dict(depth_kind="disparty"), ["no depth_kind 'disparty'", "did you mean 'disparity'"]),
        (dict(depth_scale=0), ["depth_scale is 0, expected a positive number"]),
        (dict(focal=-1.0), ["focal is -1.0, expected a positive number"]),
        (dict(focal=float("nan")), ["focal is nan"]),
        (dict(baseline=0.0), ["the baseline is 0 m"]),
        (dict(holes=["none"]), ["holes has 'none'"]),
        (dict(calibration="rig.txt"), ["the cameras are looked for in rig.txt, and there is none in", "set focal"]),
    ],
)
def test_options_that_cannot_be(root, options, words):
    user_error(lambda: StereoPairDataset(str(root), **options), *words)


def test_a_link_to_the_folder_itself_is_followed_once_and_dot_files_are_none(root):
    (root / "train/left/loop").symlink_to(root / "train/left")
    shutil.copy(root / "train/left/a/1.png", root / "train/left/a/._1.png")
    assert ids(silent(data_root=str(root))) == ["a/1", "a/2", "b/1"]


def test_deep_images_of_a_pair_keep_one_brightness(root):
    for side, largest in (("left", 900), ("right", 1100)):
        image = np.full((*SIZE, 3), 900, np.uint16)
        image[0, 0] = largest
        cv2.imwrite(str(root / f"train/{side}/a/1.png"), image)
    with pytest.warns(UserWarning, match="fits in 12 bits"):
        by_pair = StereoPairDataset(str(root)).load(0)
    by_option = silent(data_root=str(root), image_bits=14).load(0)
    for sample, shift in ((by_pair, 4), (by_option, 6)):
        for name in ("image", "image_right"):
            assert (sample[name][1:] == 900 >> shift).all()
    user_error(lambda: StereoPairDataset(str(root), image_bits=10).load(0), "right/a/1.png", "image_bits=11")
    user_error(lambda: StereoPairDataset(str(root), image_bits=True), "StereoPairDataset: image_bits is True")


def test_a_lying_and_an_upright_image_or_depth(root):
    left, right = root / "train/left/a/1.png", root / "train/right/a/1.png"
    upright = np.zeros((*SIZE[::-1], 3), np.uint8)
    write_image(right, upright)
    turned = "the image may have an EXIF rotation, which data sets do not apply"
    user_error(lambda: StereoPairDataset(str(root)).load(0), f"{right}: is", "expected one size", turned)
    write_image(left, upright)
    user_error(lambda: StereoPairDataset(str(root), **TRUTH, **RIG).load(0), "disparity/a/1.png: depth has", turned)
