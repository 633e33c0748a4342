"""Images without labels: what a folder, a pattern, a list or an archive of them gives."""

import os
import pickle
import warnings
from functools import partial
from glob import glob

import cv2
import numpy as np
import pytest
from PIL import Image
from support.archives import pack
from support.field_layouts import picture, write_image
from support.user_errors import user_error
from torch.utils.data import DataLoader

from mdetools.contract import SampleIndex
from mdetools.datasets import ConcatDataset, ImageFolderDataset
from mdetools.datasets.doctor import examine, format_report, summarize
from mdetools.datasets.doctor.measures.exif import exif_of
from mdetools.datasets.doctor.split import DepthLimits
from mdetools.datasets.readers import read_image
from mdetools.testing import check_dataset

PACK = [dict(type="PackSample")]
NAMES = ["a/1.png", "a/2.png", "b/deep/1.bmp", "z.tif"]


@pytest.fixture
def photos(tmp_path):
    """Four images in three folders, beside what is none."""
    root = tmp_path / "photos"
    for seed, name in enumerate(NAMES):
        write_image(root / name, picture(seed=seed))
    (root / "notes.txt").write_text("none")
    write_image(root / ".thumbnails/1.png", picture())
    (root / "a/._1.png").write_bytes(b"macOS")
    return root


def names_of(*args, **options):
    return ImageFolderDataset(*map(str, args), **options).names


def test_a_folder_gives_its_images_and_nothing_else(photos):
    dataset = ImageFolderDataset(str(photos), pipeline=PACK)
    assert dataset.names == NAMES and dataset.source == str(photos)
    for index, name in enumerate(NAMES):
        sample = dataset.load(index)
        assert sorted(sample) == ["image", "meta", "unlabelled"] and sample["unlabelled"] is True
        np.testing.assert_array_equal(sample["image"], picture(seed=index))
        assert sample["meta"] == {"id": name.rpartition(".")[0], "path": str(photos / name)}
    check_dataset(dataset)


@pytest.mark.parametrize(
    "pattern, found",
    [
        ("**/*.png", [0, 1]),
        ("*/*.png", [0, 1]),
        ("**", [0, 1, 2, 3]),
        ("*.tif", [3]),
        ("[ab]/**/1.*", [0, 2]),
        ("?.tif", [3]),
        ("b/**/1.bmp", [2]),
        ("**/deep/*", [2]),
    ],
)
def test_patterns_are_those_of_glob(photos, pattern, found):
    base = photos / "b" if pattern.startswith("b/") else photos
    names = [str((photos / NAMES[at]).relative_to(base)) for at in found]
    assert names_of(f"{photos}/{pattern}") == names
    known = {str(photos / name) for name in NAMES}
    assert {str(base / name) for name in names} == known & set(glob(f"{photos}/{pattern}", recursive=True))  # noqa: PTH207


def test_a_list_names_images_in_its_order(photos):
    write_image(photos / "with spaces/an image.png", picture(seed=9))
    lines = "\ufeffz.tif\n# a comment\na/2.png\n\nwith spaces/an image.png\n"
    (photos.parent / "names.txt").write_text(lines)
    wanted = ["z.tif", "a/2.png", "with spaces/an image.png"]
    assert names_of(photos, split=str(photos.parent / "names.txt")) == wanted
    (photos / "own.csv").write_text("image,note\na/1.png,x\nz.tif,y\n")
    assert names_of(photos, split="own") == names_of(photos / "own.csv") == ["a/1.png", "z.tif"]
    (photos.parent / "beside.txt").write_text(f"photos/a/1.png\n{photos}/z.tif\n./photos/../photos/a/2.png\n")
    assert names_of(photos.parent / "beside.txt") == ["photos/a/1.png", "photos/z.tif", "photos/a/2.png"]
    (photos / "a/up.txt").write_text("../z.tif\n")
    dataset = ImageFolderDataset(str(photos / "a/up.txt"))
    assert dataset.names == ["z.tif"] and (dataset.load(0)["image"] == picture(seed=3)).all()  # no name leads out


@pytest.mark.parametrize("ending", [".zip", ".tar"])
def test_an_archive_is_read_as_its_folder(photos, ending):
    archive = pack(photos, photos.parent / f"photos{ending}")
    dataset, folder = ImageFolderDataset(str(archive), pipeline=PACK), ImageFolderDataset(str(photos), pipeline=PACK)
    assert dataset.names == folder.names
    for index in (3, 0, 2, 1, 1):
        one, other = dataset[index], folder[index]
        assert (one["image"] == other["image"]).all() and one["meta"]["id"] == other["meta"]["id"]
    assert dataset[0]["meta"]["path"] == f"{archive}/a/1.png"
    check_dataset(dataset)
    copy = pickle.loads(pickle.dumps(dataset))
    assert copy.files[0].archive.handle.file is None  # opened there by itself


@pytest.mark.parametrize("ending", [".tar.gz", ".tgz", ".TAR.BZ2"])
def test_an_archive_without_a_way_to_one_image_is_refused(photos, ending):
    path = photos.parent / f"photos{ending}"
    path.write_bytes(b"anything")
    user_error(lambda: ImageFolderDataset(str(path)), f"{path}: is compressed as a whole", "gunzip")


@pytest.mark.slow  # processes
@pytest.mark.parametrize("ending", [".zip", ".tar"])
def test_workers_open_an_archive_for_themselves(photos, ending):
    dataset = ImageFolderDataset(str(pack(photos, photos.parent / f"photos{ending}")), pipeline=PACK)
    dataset.load(2)  # this process has it open
    for seed, batch in enumerate(DataLoader(dataset, batch_size=1, num_workers=2)):
        np.testing.assert_array_equal(batch["image"][0].numpy().transpose(1, 2, 0), picture(seed=seed))
    np.testing.assert_array_equal(dataset.load(1)["image"], picture(seed=1))


def test_links_are_followed_once(photos):
    (photos / "loop").symlink_to(photos)
    (photos / "a/again").symlink_to(photos / "b")
    assert names_of(photos) == NAMES
    assert names_of(f"{photos}/**/*.png") == NAMES[:2]


def as_stored(path, mode, **options):
    Image.fromarray(picture()).convert(mode).save(path, **options)


KINDS = {
    "grey.png": lambda path: as_stored(path, "L"),
    "grey_alpha.png": lambda path: as_stored(path, "LA"),
    "alpha.png": lambda path: as_stored(path, "RGBA"),
    "palette.png": lambda path: as_stored(path, "P"),
    "bits.png": lambda path: as_stored(path, "1"),
    "cmyk.jpg": lambda path: as_stored(path, "CMYK"),
    "web.webp": lambda path: as_stored(path, "RGB", lossless=True),
    "UPPER.PNG": lambda path: as_stored(path, "RGB", format="PNG"),
    "deep.png": lambda path: cv2.imwrite(str(path), picture().astype(np.uint16) * 257),
}


@pytest.mark.parametrize("name", KINDS)
def test_images_of_every_kind_are_rgb_as_other_data_sets_read_them(tmp_path, name):
    KINDS[name](tmp_path / name)
    sample = ImageFolderDataset(str(tmp_path), pipeline=PACK)[0]
    assert sample["image"].shape == (3, 24, 32)
    np.testing.assert_array_equal(sample["image"].numpy().transpose(1, 2, 0), read_image(tmp_path / name))
    archive = pack(tmp_path, tmp_path.parent / f"{tmp_path.name}.zip")
    assert (ImageFolderDataset(str(archive), pipeline=PACK)[0]["image"] == sample["image"]).all()


def test_an_image_is_taken_as_it_is_stored(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture()).save(tmp_path / "turned.jpg", exif=exif)
    assert ImageFolderDataset(str(tmp_path)).load(0)["image"].shape == (24, 32, 3)


def test_bits_of_a_camera(tmp_path):
    cv2.imwrite(str(tmp_path / "deep.png"), picture().astype(np.uint16) * 8)
    image = ImageFolderDataset(str(tmp_path), image_bits=12).load(0)["image"]
    np.testing.assert_array_equal(image[..., ::-1], picture() // 2)
    user_error(lambda: ImageFolderDataset(str(tmp_path), image_bits=7), "ImageFolderDataset: image_bits is 7")


def test_a_broken_file_is_one_line_that_names_it(photos):
    whole = (photos / NAMES[0]).read_bytes()
    (photos / NAMES[0]).write_bytes(whole[: len(whole) // 2])
    (photos / NAMES[1]).write_bytes(b"")
    (photos / NAMES[2]).write_text("<html>404</html>")
    (photos / "gone.png").symlink_to("nowhere.png")
    for source, inner in ((photos, photos), (pack(photos, photos.parent / "photos.zip"), photos.parent / "photos.zip")):
        dataset = ImageFolderDataset(str(source))
        for index in range(3):
            user_error(partial(dataset.load, index), f"{inner}/{NAMES[index]}: not a readable image", "copy it again")
    folder = ImageFolderDataset(str(photos))
    user_error(lambda: folder.load(folder.names.index("gone.png")), "gone.png: cannot be read (No such file")


WRONG = {
    "photo": ("no {}/photo, expected a folder, a list, a pattern or an archive of images; did you mean 'photos'?"),
    "phot/deep/*.png": "no {}/phot, expected a folder",
    "photos/a/1.png": "photos/a/1.png: is no folder of images, nor a list or an archive of them (.txt, .csv, .zip",
    "photos/*.jpg": "photos/*.jpg: there is no file, expected some with one of .png .jpg",
    "empty": "empty: there is no file, expected some",
    "documents.zip": "documents.zip: none of 1 files is an image",
    "{0}/*.png": "{{0}}, expected a folder",
    "list.txt": "list.txt:1: names missing.png, which is not in {}",
    "blank.txt": "blank.txt: the list is empty, expected lines `<image>`",
}


@pytest.mark.parametrize("source", WRONG)
def test_what_is_not_there_is_one_line(photos, source):
    parent = photos.parent
    (parent / "empty").mkdir()
    (parent / "documents").mkdir()
    (parent / "documents/notes.md").write_text("none")
    pack(parent / "documents", parent / "documents.zip")
    (parent / "list.txt").write_text("missing.png\n")
    (parent / "blank.txt").write_text("\n# nothing\n")
    user_error(lambda: ImageFolderDataset(str(parent / source)), WRONG[source].format(parent))


def test_wrong_options_are_one_line(photos):
    user_error(lambda: ImageFolderDataset(str(photos), match_size="images"), "no match_size 'images'; did you mean")
    user_error(lambda: ImageFolderDataset(str(photos), split="trian"), f"no list {photos}/trian.txt of images")
    user_error(lambda: ImageFolderDataset(f"{photos}/*.tif", split="a"), "split is 'a' and", "is no folder")


def test_the_doctor_takes_images_alone(photos):
    dataset = ImageFolderDataset(str(photos), pipeline=[dict(type="Resize", size=28), *PACK])
    report = summarize(dataset, list(examine(dataset)))
    assert report["frames"] == 4 and report["depth"] is None and report["unreadable"] == []
    assert [finding["check"] for finding in report["findings"]] == ["dot_files"]
    assert "image, meta, unlabelled" in format_report("images", report)
    limited = summarize(dataset, list(examine(dataset)), limits=DepthLimits(0, 10, "the head's max_depth"))
    assert limited["counted_depths"] is None and "100.0%" not in format_report("images", limited)
    (photos / NAMES[1]).write_bytes(b"")
    archive = ImageFolderDataset(str(pack(photos, photos.parent / "photos.zip")))
    report = summarize(archive, list(examine(archive)))
    assert [finding["check"] for finding in report["findings"]] == ["unreadable"]
    assert report["findings"][0]["frames"] == [f"{photos.parent}/photos.zip/{NAMES[1]}"]


def test_the_doctor_takes_unlabelled_images_among_others_as_they_are_meant(photos):
    write_image(photos.parent / "own/train/images/1.png", picture())
    (photos.parent / "own/train/depth").mkdir()
    np.save(photos.parent / "own/train/depth/1.npy", np.random.default_rng(0).uniform(1, 4, (24, 32)))
    own = dict(type="RGBDDataset", data_root=str(photos.parent / "own"), depth_scale=1.0, pipeline=PACK)
    both = ConcatDataset([own, dict(type="ImageFolderDataset", data_root=str(photos), pipeline=PACK)])
    report = summarize(both, list(examine(both)))
    assert report["fields"]["depth"] == 1 and report["fields"]["unlabelled"] == 4
    assert "no_depth" not in {finding["check"] for finding in report["findings"]}


def test_a_sample_follows_from_its_index(photos):
    flip = [dict(type="RandomHorizontalFlip"), *PACK]
    dataset = ImageFolderDataset(str(photos), pipeline=flip)
    seen = {tuple(dataset[SampleIndex(0, epoch, 0)]["image"].flatten().tolist()) for epoch in range(8)}
    assert len(seen) == 2


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_listed(photos):
    (photos / "b").chmod(0)
    try:
        user_error(lambda: ImageFolderDataset(str(photos)), "b: cannot be listed (Permission denied)")
    finally:
        (photos / "b").chmod(0o755)


def test_no_warnings(photos):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ImageFolderDataset(str(photos))


def test_the_doctor_does_not_wait_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert exif_of([str(tmp_path / "pipe.jpg")]) == {}
