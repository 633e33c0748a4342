"""Image files come back as they were written, and what is no whole image is refused."""

import warnings

import cv2
import numpy as np
import pytest
from PIL import Image

from mdetools.datasets.readers import image_bits
from mdetools.datasets.readers.image import decode_image, read_image
from mdetools.errors import UserError
from mdetools.visualization import write_image

IMAGE = cv2.resize(np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8), (180, 120))


def encoded(ending, image=IMAGE):
    """An image file's content; the channels of `image` are red, green, blue."""
    return cv2.imencode(ending, image[..., ::-1])[1].tobytes()


@pytest.mark.parametrize("ending", [".png", ".bmp", ".tiff"])
def test_what_was_written_is_read(tmp_path, ending):
    path = tmp_path / f"new/folder/image{ending}"
    write_image(path, IMAGE)
    np.testing.assert_array_equal(read_image(path), IMAGE)


def test_jpeg_is_near(tmp_path):
    write_image(tmp_path / "image.jpg", IMAGE)
    assert np.abs(read_image(tmp_path / "image.jpg").astype(int) - IMAGE).mean() < 3


def test_grey_alpha_and_16_bits_become_8_bit_rgb(tmp_path):
    grey, deep = IMAGE[..., 0], (np.arange(120 * 180).reshape(120, 180) * 3).astype(np.uint16)
    for name, values in (("grey", grey), ("deep", deep), ("alpha", np.dstack([IMAGE[..., ::-1], grey]))):
        cv2.imwrite(str(tmp_path / f"{name}.png"), values)
    np.testing.assert_array_equal(read_image(tmp_path / "grey.png"), np.dstack([grey] * 3))
    np.testing.assert_array_equal(read_image(tmp_path / "alpha.png"), IMAGE)
    assert np.abs(read_image(tmp_path / "deep.png").astype(int) - (deep / 257)[..., None]).max() <= 1
    np.testing.assert_array_equal(decode_image(tmp_path / "deep.png"), deep)


@pytest.mark.parametrize("ending", [".jpg", ".png"])
@pytest.mark.parametrize("left", [0, 0.02, 0.5, 0.9, 0.99])
def test_a_cut_file_is_refused(tmp_path, ending, left):
    path, content = tmp_path / f"image{ending}", encoded(ending)
    path.write_bytes(content[: int(left * len(content))])
    with pytest.raises(UserError, match=rf"image{ending}: not a readable image, expected .*; copy it again"):
        read_image(path)


def test_a_cut_jpeg_with_a_whole_thumbnail_is_refused(tmp_path):
    thumbnail, image = encoded(".jpg", IMAGE[::8, ::8]), encoded(".jpg")
    application = b"\xff\xe5" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    whole = image[:2] + application + image[2:]
    path = tmp_path / "image.jpg"
    path.write_bytes(whole)
    np.testing.assert_array_equal(read_image(path), cv2.imdecode(np.frombuffer(image, np.uint8), 1)[..., ::-1])
    path.write_bytes(whole[: len(whole) - len(image) // 3])
    with pytest.raises(UserError, match="not a readable image"):
        read_image(path)


def test_what_follows_a_jpeg_does_no_harm(tmp_path):
    path, content = tmp_path / "image.jpg", encoded(".jpg")
    for rest in (bytes(5000), b"\xff\xda and a film, as telephones add it", content[:200]):
        path.write_bytes(content + rest)
        np.testing.assert_array_equal(read_image(path), cv2.imdecode(np.frombuffer(content, np.uint8), 1)[..., ::-1])


ORIENTATIONS = {1: 0, 3: 2, 6: 3, 8: 1}  # quarter turns to the left that bring the stored image upright


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_images_are_as_stored_or_upright_if_that_is_asked_for(tmp_path, orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(IMAGE).save(tmp_path / "image", kind, exif=exif)
    stored = np.asarray(Image.open(tmp_path / "image").convert("RGB")).astype(int)
    upright = np.rot90(stored, ORIENTATIONS[orientation])
    assert np.abs(read_image(tmp_path / "image") - stored).max() <= 3
    assert np.abs(read_image(tmp_path / "image", upright=True) - upright).max() <= 3


@pytest.mark.parametrize("ending", [".png", ".tiff"])
@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_a_camera_of_fewer_bits_is_not_dark(tmp_path, monkeypatch, ending, bits):
    monkeypatch.setattr(image_bits, "warned_bits", set())
    deep = (IMAGE.astype(np.uint16) << (bits - 8)) + (1 << (bits - 8)) // 2
    for number in range(2):
        cv2.imwrite(str(tmp_path / f"{number}{ending}"), deep[..., ::-1])
    with pytest.warns(
        UserWarning, match=rf"0{ending}: the largest value of this 16-bit image fits in {bits} bits"
    ) as told:
        images = [read_image(tmp_path / f"{number}{ending}") for number in range(2)]
    assert len(told) == 1
    np.testing.assert_array_equal(images, [IMAGE] * 2)


@pytest.mark.parametrize("ending", [".png", ".tiff"])
@pytest.mark.parametrize("grey", [False, True])
def test_all_of_16_bits_are_brought_to_8_without_a_word(tmp_path, ending, grey):
    deep = (IMAGE[..., 0] if grey else IMAGE).astype(np.uint16) * 257
    cv2.imwrite(str(tmp_path / f"a{ending}"), deep if grey else deep[..., ::-1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = read_image(tmp_path / f"a{ending}")
    np.testing.assert_array_equal(image, np.dstack([IMAGE[..., 0]] * 3) if grey else IMAGE)


def segments(content):
    """Where each segment of a JPEG begins, up to its scan."""
    at, found = 2, []
    while content[at : at + 2] != b"\xff\xda":
        found.append(at)
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return [*found, at]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_fill_bytes_before_a_marker_are_no_damage(tmp_path, count):
    content, path = encoded(".jpg"), tmp_path / "image.jpg"
    whole = cv2.imdecode(np.frombuffer(content, np.uint8), 1)[..., ::-1]
    for at in (*segments(content), len(content) - 2):
        path.write_bytes(content[:at] + b"\xff" * count + content[at:])
        np.testing.assert_array_equal(read_image(path), whole)
        path.write_bytes((content[:at] + b"\xff" * count + content[at:])[: -len(content) // 4])
        with pytest.raises(UserError, match="not a readable image"):
            read_image(path)


def test_a_header_that_asks_for_too_much_is_refused(tmp_path):
    content = bytearray(encoded(".bmp"))
    content[18:26] = (2**21).to_bytes(4, "little") * 2
    (tmp_path / "image.bmp").write_bytes(content)
    with pytest.raises(UserError, match="image.bmp: an image of 2097152x2097152: takes .*MDETOOLS_MAX_MIB"):
        read_image(tmp_path / "image.bmp")


def test_no_file_and_no_image(tmp_path):
    with pytest.raises(UserError, match=r"image.png: cannot be read \(No such file or directory\)"):
        read_image(tmp_path / "image.png")
    with pytest.raises(UserError, match=r"cannot be read \(Is a directory\)"):
        read_image(tmp_path)
    (tmp_path / "image.png").write_text("no image")
    with pytest.raises(UserError, match="image.png: not a readable image"):
        read_image(tmp_path / "image.png")
