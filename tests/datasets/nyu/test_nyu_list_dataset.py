"""A list of images and depth PNGs."""

import cv2
import numpy as np
import pytest
from PIL import Image
from support.nyu_layout import make_frame
from support.user_errors import user_error

from mdetools.datasets import NYUListDataset

PACK = [dict(type="PackSample")]


@pytest.fixture
def png_list(tmp_path):
    image, depth = make_frame()
    millimetres = np.round(depth * 1000).astype(np.uint16)
    (tmp_path / "bath").mkdir()
    cv2.imwrite(str(tmp_path / "bath/rgb_1.png"), image[..., ::-1])
    cv2.imwrite(str(tmp_path / "bath/sync_depth_1.png"), millimetres)
    (tmp_path / "test.txt").write_text("/bath/rgb_1.png bath/sync_depth_1.png 518.8579\n\n")
    return tmp_path, image, millimetres


def test_png_list(png_list):
    root, image, millimetres = png_list
    dataset = NYUListDataset(str(root), "test", PACK)
    assert len(dataset) == 1
    sample = dataset[0]
    np.testing.assert_array_equal(sample["image"].numpy(), image.transpose(2, 0, 1))
    np.testing.assert_allclose(sample["depth"].numpy()[0], millimetres.astype(np.float64) / 1000, rtol=1e-7)
    assert sample["meta"]["id"] == "bath/rgb_1"


def test_png_list_bad_input(png_list):
    root, image, _ = png_list

    def dataset():
        return NYUListDataset(str(root), "test")

    cv2.imwrite(str(root / "bath/sync_depth_1.png"), image[..., 0])
    user_error(lambda: dataset()[0], "sync_depth_1.png", "is uint8 (24, 32)", "16-bit")
    (root / "bath/rgb_1.png").write_bytes(b"no image")
    user_error(lambda: dataset()[0], "rgb_1.png", "not a readable image")
    (root / "test.txt").write_text("bath/rgb_1.png bath/sync_depth_1.png\nbath/rgb_1.png bath/sync_depth_2.png\n")
    user_error(dataset, "test.txt:2", "sync_depth_2.png", "fix the line")
    (root / "test.txt").write_text("bath/rgb_1.png\n")
    user_error(dataset, "test.txt:1", "expected `<rgb> <depth>`")
    (root / "test.txt").write_text("bath/rgb_1.png bath/sync_depth_1.png\n", encoding="utf-16")
    user_error(dataset, "test.txt", "not a readable text file", "UTF-8")
    for name in ("x" * 300, "x" * 5000):
        (root / "test.txt").write_text(f"{name} {name}\n")
        assert len(user_error(dataset, "test.txt:1: names xxx", "fix the line")) < 900
    (root / "test.txt").write_text("\x1b[2J a\n")
    user_error(dataset, "test.txt:1: holds control characters")
    (root / "test.txt").write_text("\n")
    user_error(dataset, "test.txt", "empty")
    (root / "test.txt").unlink()
    user_error(dataset, "no list", "test.txt")


def test_65535_is_a_hole(png_list):
    root, _, millimetres = png_list
    cv2.imwrite(str(root / "bath/sync_depth_1.png"), np.where(millimetres > 5000, 65535, millimetres).astype(np.uint16))
    sample = NYUListDataset(str(root), "test").load(0)
    np.testing.assert_array_equal(sample["valid_mask"], (millimetres > 0) & (millimetres <= 5000))
    assert sample["depth"].max() <= 5


def test_an_image_with_exif_orientation_stays_with_its_depth(png_list):
    root, image, millimetres = png_list
    exif = Image.Exif()
    exif[0x0112] = 3
    Image.fromarray(image).save(root / "bath/rgb_1.png", exif=exif)
    np.testing.assert_array_equal(NYUListDataset(str(root), "test").load(0)["image"], image)
