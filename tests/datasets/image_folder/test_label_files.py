"""Pseudo-labels beside images: the files that `tools/pseudo_label.py` writes, and others."""

import warnings

import cv2
import numpy as np
import pytest
from support.archives import pack
from support.field_layouts import picture, write_image
from support.user_errors import user_error

from mdetools.datasets import ImageFolderDataset
from mdetools.datasets.doctor import examine, summarize
from mdetools.testing import check_dataset

PACK = [dict(type="PackSample")]
SIZE = (24, 32)
NAMES = ["a/1.png", "a/2.png", "b/3.png"]


def label(seed):
    """A map of inverse depth, float64, from 0 to 1, with both of them in it."""
    values = np.random.default_rng(seed).random(SIZE)
    return (values - values.min()) / (values.max() - values.min())


@pytest.fixture
def photos(tmp_path):
    for seed, name in enumerate(NAMES):
        write_image(tmp_path / "photos" / name, picture(*SIZE, seed))
    return tmp_path / "photos"


def write_labels(photos, ending, write, names=NAMES):
    folder = photos.parent / "labels"
    for seed, name in enumerate(names):
        path = (folder / name).with_suffix(ending)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, label(seed))
    (folder / "pseudo_labels.json").write_text("{}")
    return folder


def write_png16(path, values):
    assert cv2.imwrite(str(path), np.rint(values * 65535).astype(np.uint16))


def write_npz(path, values):
    np.savez_compressed(path, inverse_depth=values.astype(np.float16), depth=np.zeros(SIZE, np.float16))


FORMATS = {
    ".png": (write_png16, 0.5 / 65535),
    ".npz": (write_npz, 2**-12),
    ".npy": (lambda path, values: np.save(path, values.astype(np.float32)), 1e-7),
    ".pgm": (lambda path, values: cv2.imwrite(str(path), np.rint(values * 255).astype(np.uint8)), 0.5 / 255),
}


@pytest.mark.parametrize("packed", [None, ".zip", ".tar"])
@pytest.mark.parametrize("ending", FORMATS)
def test_labels_of_every_format_are_inverse_depth(photos, ending, packed):
    write, tolerance = FORMATS[ending]
    folder = write_labels(photos, ending, write)
    labels = folder if packed is None else pack(folder, folder.with_suffix(packed))
    dataset = ImageFolderDataset(str(photos), str(labels), pipeline=PACK)
    for index, name in enumerate(NAMES):
        sample = dataset[index]
        assert sorted(sample) == ["image", "inverse_depth", "meta", "size", "unlabelled", "valid_mask"]
        assert sample["unlabelled"] and sample["valid_mask"].all()  # the farthest pixel, 0, and the nearest, too
        np.testing.assert_allclose(sample["inverse_depth"][0].double(), label(index), rtol=0, atol=1.01 * tolerance)
        assert sample["meta"]["id"] == name.removesuffix(".png")
        assert sample["meta"]["path"] == f"{labels}/{name.removesuffix('.png')}{ending}"
    check_dataset(dataset)


def test_what_is_not_finite_is_a_hole(photos):
    def write(path, values):
        values = values.astype(np.float16)
        values[0, :2] = np.nan, np.inf
        np.savez(path, inverse_depth=values)

    sample = ImageFolderDataset(str(photos), str(write_labels(photos, ".npz", write))).load(0)
    assert sample["valid_mask"].sum() == 24 * 32 - 2 and (sample["inverse_depth"][0, :2] == 0).all()


def test_images_without_a_label_are_left_out_and_counted(photos):
    labels = write_labels(photos, ".png", write_png16, NAMES[:1])
    with pytest.warns(UserWarning, match="labels: 2 of 3 images have no label, e.g. a/2.png; they are left out"):
        dataset = ImageFolderDataset(str(photos), str(labels))
    assert dataset.names == NAMES[:1] and len(dataset) == 1
    np.testing.assert_array_equal(dataset.load(0)["image"], picture(*SIZE, 0))
    (labels / "a/1.png").unlink()
    user_error(
        lambda: ImageFolderDataset(str(photos), str(labels)),
        "labels: 3 of 3 images have no label, e.g. a/1.png, whose label would be a/1.png or a/1.npz; set labels",
    )


def test_one_image_and_one_label_each(photos):
    labels = write_labels(photos, ".png", write_png16)
    write_npz(labels / "a/2.npz", label(0))
    both = [f"{labels}/a/2{ending}" for ending in (".npz", ".png")]
    user_error(lambda: ImageFolderDataset(str(photos), str(labels)), *both, "could both be the label of a/2.png")
    (labels / "a/2.npz").unlink()
    write_image(photos / "a/1.bmp", picture())
    user_error(lambda: ImageFolderDataset(str(photos), str(labels)), "a/1.bmp and a/1.png would have one label, a/1")
    (photos / "chosen.txt").write_text("b/3.png\nb/3.png\n")
    dataset = ImageFolderDataset(str(photos), str(labels), split="chosen")  # one image twice is no contradiction
    assert (
        dataset.names == ["b/3.png"] * 2
        and (dataset.load(1)["inverse_depth"] == dataset.load(0)["inverse_depth"]).all()
    )


@pytest.mark.parametrize("match, size", [("image", SIZE), ("depth", (12, 16))])
def test_sizes_that_differ(photos, match, size):
    labels = write_labels(photos, ".png", lambda path, values: write_png16(path, values[::2, ::2]))
    dataset = ImageFolderDataset(str(photos), str(labels), match_size=match)
    sample = dataset.load(0)
    assert sample["image"].shape[:2] == sample["inverse_depth"].shape == sample["valid_mask"].shape == size
    step = SIZE[0] // size[0]
    np.testing.assert_allclose(sample["inverse_depth"][:: 3 - step, :: 3 - step], label(0)[::2, ::2], atol=1e-5)
    plain = ImageFolderDataset(str(photos), str(labels))
    user_error(lambda: plain.load(0), "labels/a/1.png: depth is 12x16 and the image 24x32", "set match_size='image'")
    write_png16(labels / "a/1.png", label(0).T)
    user_error(lambda: plain.load(0), "the image may have an EXIF rotation")


def test_no_labels_there_and_no_label_in_a_file(photos):
    user_error(lambda: ImageFolderDataset(str(photos), str(photos.parent / "label")), "no folder", "of labels")
    user_error(lambda: ImageFolderDataset(str(photos), str(photos.parent / "l.zip")), "l.zip: cannot be read (No such")
    labels = write_labels(photos, ".npz", lambda path, values: np.savez(path, depth=values))
    dataset = ImageFolderDataset(str(photos), str(labels))
    user_error(lambda: dataset.load(0), "a/1.npz: no 'inverse_depth' in the file (found depth)", "depth_key=")
    by_key = ImageFolderDataset(str(photos), str(labels), depth_key="depth")
    np.testing.assert_allclose(by_key.load(2)["inverse_depth"], label(2), rtol=1e-6)
    (labels / "a/1.npz").write_bytes((labels / "a/1.npz").read_bytes()[:100])
    user_error(lambda: by_key.load(0), "a/1.npz: the file cannot be read")


def test_the_doctor_takes_labels(photos):
    dataset = ImageFolderDataset(str(photos), str(write_labels(photos, ".png", write_png16)), pipeline=PACK)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = summarize(dataset, list(examine(dataset)))
    assert report["problems"] == [] and report["fields"]["inverse_depth"] == 3 and report["depth"] is None
