"""The doctor against data sets with one fault each of files, lists, cameras and splits."""

import shutil

import cv2
import numpy as np
import pytest
from PIL import Image
from support.doctored import SIZE, config_of, kitchen, names_found, rooms, write_nyu, write_pngs
from support.kitti_layout import write_kitti
from support.nyu_layout import write_h5
from support.paths import REAL_DATA

from mdetools.synthetic.writers.nyu import NYUSettings, render_frame

SPLITS = ("train", "val")
ROTATED = 6  # EXIF: by 90 degrees


def nyu(root, **more):
    return config_of(write_nyu(root / "nyu", rooms(), **more))


def with_camera(fx=110.0, fy=110.0, cx=64.0, cy=48.0):
    return lambda root: nyu(root, intrinsics=np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], np.float32))


def broken(change):
    """The rooms after `change(folder of the split train)`."""

    def make(root):
        nyu(root)
        change(root / "nyu/train")
        return config_of(root / "nyu")

    return make


def cut(folder):
    (folder / "s/003.h5").write_bytes((folder / "s/003.h5").read_bytes()[:900])


def narrow_frame(folder):
    image, depth = rooms()[0][2:]
    write_h5(folder / "s/100.h5", image[:, 20:116], depth[:, 20:116])


def rotated_photos(root):
    write_pngs(root, rooms(), ending=".jpg", quality=(cv2.IMWRITE_JPEG_QUALITY, 95))
    for path in sorted((root / "train/images").rglob("*.jpg"))[:4]:
        with Image.open(path) as image:
            exif = image.getexif()
            exif[0x0112] = ROTATED
            image.save(path, exif=exif, quality=95)
    return config_of(root, "RGBDDataset")


def phone_photos(root):
    """Depth that lies upright, and photos that only their EXIF turns so."""
    upright = [(*place, image, np.rot90(depth, -1)) for *place, image, depth in rooms()]
    write_pngs(root, upright, ending=".jpg")
    for path in (root / "train/images").rglob("*.jpg"):
        with Image.open(path) as image:
            exif = image.getexif()
            exif[0x0112] = ROTATED
            image.save(path, exif=exif)
    return config_of(root, "RGBDDataset", splits=("train",))


def empty_photo(root):
    write_pngs(root, rooms())
    (root / "train/rejected").mkdir()
    (root / "train/rejected/x.png").write_bytes(b"")
    return config_of(root, "RGBDDataset", splits=("train",))


def depth_lost(root):
    write_pngs(root, rooms())
    (root / "train/depth/s/004.png").unlink()
    return config_of(root, "RGBDDataset")


def eight_bits(root):
    write_pngs(root, rooms())
    for split, name, _, depth in rooms():
        cv2.imwrite(str(root / f"{split}/depth/{name}.png"), (depth * 25.5).clip(0, 255).astype(np.uint8))
    return config_of(root, "RGBDDataset", depth_scale=25.5)


def normalised(largest, channels=None, scale=10000):
    """Depth files whose largest value is the same in all, and perhaps several equal channels."""

    def make(root):
        write_pngs(root, rooms())
        kind = np.uint8 if largest < 256 else np.uint16
        for split, name, _, depth in rooms():
            stored = (depth * (largest / depth.max())).round().astype(kind)
            planes = [stored] * 3 + [np.full_like(stored, largest)]
            path = str(root / f"{split}/depth/{name}.png")
            cv2.imwrite(path, np.stack(planes[:channels], -1) if channels else stored)
        return config_of(root, "RGBDDataset", depth_scale=scale)

    return make


def half_without_depth(root):
    config = nyu(root)
    part = config.train_dataloader.dataset.to_dict()
    bare = dict(type="KITTIDataset", data_root=str(root / "kitti"), split="train", pipeline=part["pipeline"])
    write_kitti(root / "kitti")
    resize = dict(type="Resize", size=SIZE, multiple_of=1, keep_aspect=False)
    for one in (part, bare):
        one["pipeline"] = [resize, *one["pipeline"]]
    bare["stereo"] = False
    config.train_dataloader.dataset = dict(type="ConcatDataset", datasets=[part, bare])
    return config


def copied(*pairs):
    """The rooms with frames put in the place of others: pairs of paths below the root, from and to."""

    def make(root):
        nyu(root)
        for source, target in pairs:
            shutil.copy(root / "nyu" / source, root / "nyu" / target)
        return config_of(root / "nyu")

    return make


def neighbours(root):
    """A validation set of the same views a step on."""
    frames = [frame for frame in rooms() if frame[0] == "train"]
    moved = [("val", name, image[:, 1:], depth[:, 1:]) for _, name, image, depth in frames[::2]]
    widened = [(s, n, np.pad(i, ((0, 0), (0, 1), (0, 0)), "edge"), np.pad(d, ((0, 0), (0, 1)))) for s, n, i, d in moved]
    return config_of(write_nyu(root, frames + widened))


def reencoded(root):
    """One of the validation images is a training image after JPEG."""
    frames = list(rooms())
    image = cv2.imdecode(cv2.imencode(".jpg", frames[2][2], (cv2.IMWRITE_JPEG_QUALITY, 70))[1], cv2.IMREAD_COLOR)
    frames[-1] = ("val", frames[-1][1], image, frames[2][3])
    return config_of(write_nyu(root, frames))


def depth_of_other_rooms(root):
    """Every image with the depth of a room that is in no split."""
    settings = NYUSettings(*SIZE, sensor=True)
    depths = [render_frame(settings, "train", 20 + index)["depth"] for index in range(len(rooms()))]
    return config_of(write_nyu(root, rooms(), lambda image, depth, index: (image, depths[index])))


def interleaved_video(root):
    """The real kitchen, every third frame of which is put into the validation set."""
    frames = [frame for frame in kitchen(1) or [] if frame[0] == "train"][:60]
    if not frames:
        pytest.skip(f"no kitchen in {REAL_DATA}")
    return config_of(write_nyu(root, [("train" if i % 3 else "val", *frame[1:]) for i, frame in enumerate(frames)]))


def narrow_range(root):
    return config_of(write_nyu(root, rooms()), depth_range=(1e-3, 1.5))


CASES = {
    "a cut file": (broken(cut), {"unreadable"}),
    "an empty file": (broken(lambda folder: (folder / "s/003.h5").write_bytes(b"")), {"unreadable"}),
    "an empty file beside the frames": (empty_photo, {"empty_files"}),
    "a link to the folder above": (broken(lambda folder: (folder / "again").symlink_to(folder)), {"link_loop"}),
    "a link to a copy": (broken(lambda folder: (folder / "s/200.h5").symlink_to(folder / "s/003.h5")), {"same_files"}),
    "a link to nothing": (broken(lambda folder: (folder / "gone").symlink_to(folder / "x")), {"broken_links"}),
    "a dot file": (broken(lambda folder: (folder / "s/._000.h5").write_bytes(b"\0\5\x16\7")), {"dot_files"}),
    "two sizes": (broken(narrow_frame), {"pipeline"}),
    "a photo to be rotated": (rotated_photos, {"exif"}),
    "photos of a phone": (phone_photos, {"unreadable", "exif"}),
    "a lost depth file": (depth_lost, {"data_set"}),
    "8-bit PNGs": (eight_bits, {"banded"}),
    "8 bits per image": (normalised(255, scale=1000), {"banded"}),
    "8 bits per image, up to 254": (normalised(254, scale=100), {"banded", "normalised"}),
    "8 bits in RGB": (normalised(255, 3, 1000), {"banded"}),
    "8 bits in RGBA": (normalised(255, 4, 1000), {"banded"}),
    "16 bits per image": (normalised(65535), {"normalised"}),
    "16 bits per image, up to 65534": (normalised(65534), {"normalised"}),
    "16 bits per image, with a smaller scale": (normalised(65535, scale=1000), {"normalised", "units", "survival"}),
    "some without depth": (half_without_depth, {"no_depth"}),
    "a focal length in millimetres": (with_camera(fx=4.2, fy=4.2), {"intrinsics"}),
    "the camera of a larger image": (with_camera(fx=525.0, fy=525.0, cx=319.5, cy=239.5), {"intrinsics"}),
    "the camera of a smaller image": (with_camera(fx=27.0, fy=27.0, cx=16.0, cy=12.0), {"intrinsics"}),
    "cx and cy swapped": (with_camera(cx=48.0, cy=64.0), {"intrinsics"}),
    "focal lengths far apart": (with_camera(fy=230.0), {"intrinsics"}),
    "the same image in both splits": (copied(("train/s/002.h5", "val/s/001.h5")), {"leakage"}),
    "a re-encoded image in both": (reencoded, {"near_leakage"}),
    "neighbours in both splits": (neighbours, {"near_leakage"}),
    "a video's frames dealt out": (interleaved_video, {"near_leakage"}),
    "depth of other rooms": (depth_of_other_rooms, {"unrelated"}),
    "an image twice": (copied(("train/s/002.h5", "train/s/300.h5")), {"duplicates"}),
    "a range that is too narrow": (narrow_range, {"survival", "units"}),  # which of the two it is, only its owner knows
}


def test_an_empty_file_is_called_so(tmp_path):
    _, findings = names_found(CASES["an empty file"][0](tmp_path))
    assert findings[0].line.endswith("(the file is empty)") and findings[0].frames[0].endswith("003.h5")


def test_swapped_sides_are_said_to_come_from_exif(tmp_path):
    """Also of frames that cannot be read, which is all that is known of them."""
    _, findings = names_found(phone_photos(tmp_path))
    lines = {finding.check: finding.line for finding in findings}
    assert (
        lines["unreadable"].startswith("10 frames cannot be read")
        and "may have an EXIF rotation" in lines["unreadable"]
    )
    assert lines["exif"].startswith("EXIF orientation 6 in 10 JPEGs") and findings[1].frames[0].endswith("000.jpg")


@pytest.mark.parametrize(
    ("make", "words"),
    [(reencoded, "as re-encoded copies are; take"), (neighbours, "as neighbours of one video are; ")],
)
def test_copies_and_neighbours_are_told_apart(tmp_path, make, words):
    _, findings = names_found(make(tmp_path))
    assert [words in finding.line for finding in findings] == [True]


def test_what_lies_in_the_folder_of_all_splits_is_told_once(tmp_path):
    write_pngs(tmp_path, rooms())
    listing = {
        split: [f"{s}/images/{n}.png {s}/depth/{n}.png" for s, n, *_ in rooms() if s == split] for split in SPLITS
    }
    for split, lines in listing.items():
        (tmp_path / f"{split}.txt").write_text("\n".join(lines))
    (tmp_path / "x.png").write_bytes(b"")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    _, findings = names_found(config_of(tmp_path, "RGBDDataset"))
    assert sorted(finding.check for finding in findings) == ["broken_links", "empty_files"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("an empty file beside the frames", "1 file of 0 bytes, e.g. "),
        ("a dot file", "1 dot file with the ending of a frame"),
        ("an image twice", "1 image is in the split before"),
        ("the same image in both splits", "1 of 4 images is in train_dataloader too"),
    ],
)
def test_one_of_a_kind_is_told_in_the_singular(tmp_path, fault, words):
    _, findings = names_found(CASES[fault][0](tmp_path))
    assert [finding.line[: len(words)] for finding in findings] == [words]


@pytest.mark.parametrize("fault", CASES)
def test_faults_of_files(tmp_path, fault):
    make, expected = CASES[fault]
    names, findings = names_found(make(tmp_path))
    assert names == expected, [finding.line for finding in findings]
