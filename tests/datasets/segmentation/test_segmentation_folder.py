"""Images with masks: layouts, what masks may be, and what is told of those that are none."""

import warnings

import cv2
import numpy as np
import pytest
from PIL import Image
from support.field_layouts import picture, write_image
from support.user_errors import user_error

from mdetools.datasets import ConcatDataset, SegmentationFolderDataset
from mdetools.synthetic.writers import segmentation_settings, write_segmentation
from mdetools.testing import check_dataset

SIZE = (12, 16)
PACK = [dict(type="PackSample")]
NAMES = ["wall", "floor", "chair"]


def mask(seed=0, classes=3):
    """Every class and some holes."""
    values = np.random.default_rng(seed).integers(0, classes, SIZE, dtype=np.uint8)
    values[0, :3] = 255
    values[1, :classes] = range(classes)
    return values


def write_frame(root, name="a/1", values=None, layout="{kind}/train/{name}"):
    image = write_image(root / f"{layout.format(kind='images', name=name)}.jpg", picture(*SIZE))
    path = root / f"{layout.format(kind='semantic', name=name)}.png"
    return image, write_image(path, mask() if values is None else values)


def dataset(root, **options):
    return SegmentationFolderDataset(str(root), **options)


@pytest.mark.parametrize("layout", ["{kind}/train/{name}", "train/{kind}/{name}"])
def test_both_layouts(layout, tmp_path):
    for seed, name in enumerate(["b/2", "a/1", "3"]):
        write_frame(tmp_path, name, mask(seed), layout)
    write_frame(tmp_path, "9", layout=layout.replace("train", "val"))
    (tmp_path / "classes.txt").write_text("wall\nfloor\nchair\n")
    found = dataset(tmp_path, pipeline=PACK)
    assert [frame.id for frame in found.frames] == ["train/3", "train/a/1", "train/b/2"]
    assert found.classes == NAMES and found.metainfo["classes"] == NAMES
    np.testing.assert_array_equal(found.load(2)["semantic"], mask(0))
    np.testing.assert_array_equal(found[1]["semantic"][0].numpy(), mask(1))
    assert found.load(0)["semantic"].dtype == np.int64
    check_dataset(found)
    assert len(dataset(tmp_path, split="val")) == 1


def test_what_the_renderer_writes(tmp_path):
    for _ in write_segmentation(tmp_path, segmentation_settings("rooms", (32, 48)), {"train": 2, "val": 1}, 1):
        pass
    found = dataset(tmp_path)
    check_dataset(dataset(tmp_path, pipeline=PACK))
    assert len(found) == 2 and len(found.classes) > 5
    for index in range(2):
        written = cv2.imread(str(tmp_path / f"semantic/train/{index:06d}.png"), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(found.load(index)["semantic"], written)


def test_a_list_names_the_frames(tmp_path):
    image, path = write_frame(tmp_path)
    (tmp_path / "some.csv").write_text(f"image,mask\n{image.relative_to(tmp_path)},{path.relative_to(tmp_path)}\n")
    np.testing.assert_array_equal(dataset(tmp_path, split="some").load(0)["semantic"], mask())


def palette_png(path, values):
    picture = Image.fromarray(values, "P")
    picture.putpalette(np.random.default_rng(0).integers(0, 256, 768).tolist())
    picture.save(path)


@pytest.mark.parametrize(
    "write",
    [
        palette_png,
        lambda path, values: cv2.imwrite(str(path), np.repeat(values[..., None], 3, 2)),
        lambda path, values: cv2.imwrite(str(path), values.astype(np.uint16)),
        lambda path, values: Image.fromarray(np.dstack([values] * 3 + [values * 0 + 9]), "RGBA").save(path),
    ],
    ids=["palette", "grey as RGB", "16 bits", "with opacity"],
)
def test_masks_of_numbers(write, tmp_path):
    """A palette is for the eye: its numbers are read."""
    _, path = write_frame(tmp_path)
    write(path, mask(7))
    np.testing.assert_array_equal(dataset(tmp_path, classes=3).load(0)["semantic"], mask(7))


def test_a_palette_is_told_of_once_and_grey_is_not(tmp_path):
    for name in ("a", "b"):
        _, path = write_frame(tmp_path, name)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            assert len(dataset(tmp_path)) and not told
    for path in (tmp_path / "semantic").rglob("*.png"):
        palette_png(path, mask())
    with pytest.warns(UserWarning, match="a.png: masks are palette PNGs") as told:
        dataset(tmp_path)
    assert len(told) == 1


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_grey_pngs_of_few_bits(bits, tmp_path):
    _, path = write_frame(tmp_path)
    values = np.random.default_rng(0).integers(0, 2**bits, SIZE, dtype=np.uint8)
    assert cv2.imwrite(str(path), values)
    content = bytearray(path.read_bytes())
    picture = Image.fromarray(values)
    picture = picture.point(lambda value: 255 * value).convert("1") if bits == 1 else picture
    if bits == 1:
        picture.save(path)
    else:
        path.write_bytes(grey_png(values, bits))
    assert path.read_bytes() != bytes(content) and path.read_bytes()[24] == bits
    np.testing.assert_array_equal(dataset(tmp_path).load(0)["semantic"], values)


def grey_png(values, bits):
    """A grey PNG of so many bits, written by hand."""
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    spread = (values[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    rows = np.packbits(spread.reshape(len(values), -1).astype(bool), axis=1)
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], bits, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_numbers_are_mapped(tmp_path):
    values = np.array([[7, 8, 0], [11, 0, 7]], np.uint8)
    write_image(tmp_path / "images/train/1.png", picture(2, 3))
    write_image(tmp_path / "semantic/train/1.png", values)
    found = dataset(tmp_path, classes=NAMES, label_map={7: 0, 8: 1, 11: 2}, ignore=[0])
    assert found.load(0)["semantic"].tolist() == [[0, 1, 255], [2, 255, 0]]


def test_images_without_a_mask_are_left_out(tmp_path):
    write_frame(tmp_path)
    write_image(tmp_path / "images/train/lonely.png", picture(*SIZE))
    with pytest.warns(UserWarning, match=r"1 of 2 images of 'train' have no mask, e.g. images/train/lonely.png; they"):
        assert len(dataset(tmp_path)) == 1
    (tmp_path / "semantic/train/a/1.png").rename(tmp_path / "semantic/train/other.png")
    user_error(lambda: dataset(tmp_path), "2 of 2 images of 'train' have no mask", "images/train/a.jpg with semantic/")


def test_bad_masks_are_told(tmp_path):
    _, path = write_frame(tmp_path)
    found = dataset(tmp_path, classes=3)
    write_image(path, picture(*SIZE))
    user_error(lambda: found.load(0), f"{path}: holds colours, such as (", "expected a class number per pixel")
    write_image(path, mask()[:-1])
    user_error(lambda: found.load(0), f"{path}: the mask is 11x16 and its image 12x16, expected one size")
    write_image(path, mask().T.copy())
    user_error(lambda: found.load(0), "the mask is 16x12", "EXIF rotation")
    write_image(path, mask(classes=5))
    wrong = mask(classes=5)
    count = (wrong == wrong[(wrong > 2) & (wrong < 255)][0]).sum()
    user_error(lambda: found.load(0), "holds the number", f"at {count} pixels, expected classes 0 to 2", "ignore=[...]")
    assert cv2.imwrite(str(path.with_suffix(".tif")), np.zeros(SIZE, np.float32))
    path.unlink()
    user_error(lambda: dataset(tmp_path, classes=3).load(0), "expected 8 or 16 bits")
    path.with_suffix(".tif").write_bytes(b"nothing")
    user_error(lambda: dataset(tmp_path, classes=3).load(0), "not a readable image")


def test_bad_options_are_told(tmp_path):
    write_frame(tmp_path)
    user_error(lambda: dataset(tmp_path, classes=0), "there are 0 classes, expected 1 to 255")
    user_error(
        lambda: dataset(tmp_path, classes=2, label_map={1: 2}), "label_map has the class 2 for 1, expected 0 to 1"
    )
    user_error(lambda: dataset(tmp_path, ignore=[-1]), "got -1, expected numbers of masks, 0 to 65535")
    user_error(lambda: dataset(tmp_path, image_bits=3), "SegmentationFolderDataset: image_bits is 3")
    user_error(lambda: dataset(tmp_path, split="test"), "0 images and 0 masks of the split 'test'", "images, semantic")
    user_error(lambda: dataset(tmp_path / "none"), "no folder", "set --data-root")
    (tmp_path / "classes.txt").write_text("\n")
    user_error(lambda: dataset(tmp_path), "classes.txt: has 0 names of classes")


def test_classes_of_a_concatenation(tmp_path):
    for name in "ab":
        write_frame(tmp_path / name)
    parts = [dict(type="SegmentationFolderDataset", data_root=str(tmp_path / name), classes=NAMES) for name in "ab"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ConcatDataset(parts).metainfo == {"ground_truth": None, "classes": NAMES}
    parts[0]["classes"] = 3
    assert "classes" not in ConcatDataset(parts).metainfo
