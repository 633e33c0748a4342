"""Image files come back as they were written, and what is no whole image is refused."""

import warnings

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image
from support.depth_formats import write_depth
from support.user_errors import user_error

from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.datasets.readers.image import decode_image, read_image, read_pair
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
def test_a_camera_of_fewer_bits_is_not_dark(tmp_path, ending, bits):
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


def write_deep(path, *largest):
    """16-bit images of 900, each with one pixel of another value; returns their paths."""
    paths = [path / f"{number}.png" for number in range(len(largest))]
    for file, value in zip(paths, largest, strict=True):
        image = np.full((8, 9), 900, np.uint16)
        image[0, 0] = value
        cv2.imwrite(str(file), image)
    return paths


@pytest.mark.parametrize("largest", [(1100, 900), (900, 1100), (900, 20000), (20000, 900), (1100, 5000), (900, 1000)])
def test_a_pair_is_brought_to_8_bits_by_the_same_bits(tmp_path, largest):
    bits = {1000: 10, 1100: 12, 5000: 14, 20000: 16}[max(largest)]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        left, right = read_pair(*write_deep(tmp_path, *largest))
    assert (left[1:] == 900 >> (bits - 8)).all() and (right[1:] == left[1:]).all()
    assert len(told) == (bits < 16)
    for warning in told:
        assert f"{largest.index(max(largest))}.png: the largest value" in str(warning.message)
        assert "set image_bits=... of RGBDDataset or StereoPairDataset" in str(warning.message)


@pytest.mark.parametrize("bits", [10, 11, 12, 13, 14, 16])
def test_with_its_bits_named_a_video_keeps_its_brightness(tmp_path, bits):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        images = [read_image(path, bits=bits) for path in write_deep(tmp_path, 200, 901, 1023)]
    assert all((image[1:] == 900 >> (bits - 8)).all() for image in images)
    assert images[2][0, 0].tolist() == [1023 >> (bits - 8)] * 3


def test_a_value_beyond_the_bits_named_is_refused_and_8_bit_images_have_8(tmp_path):
    first, second = write_deep(tmp_path, 900, 4096)
    user_error(lambda: read_image(second, bits=12), "1.png: the largest value of this image is 4096", "image_bits=13")
    user_error(lambda: read_pair(first, second, bits=12), "1.png: the largest value", "image_bits=12 holds 4095")
    write_image(tmp_path / "image.png", IMAGE)
    np.testing.assert_array_equal(read_image(tmp_path / "image.png", bits=12), IMAGE)


OTHER_TYPES = ["int8", "int16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", OTHER_TYPES)
@pytest.mark.parametrize("shape", [(8, 9), (8, 9, 3)])
def test_an_image_of_another_type_is_one_line(tmp_path, capfd, dtype, shape):
    for order in "<>":
        tifffile.imwrite(tmp_path / "a.tiff", np.full(shape, 100, dtype), byteorder=order)
        with pytest.raises(UserError) as caught:
            read_image(tmp_path / "a.tiff")
        expected = f"a.tiff: is an image of {dtype}, expected 8 or 16 bits without a sign; convert it"
        assert str(caught.value) == f"{tmp_path}/{expected}"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("ending", [".pfm", ".hdr"])
@pytest.mark.parametrize("grey", [False, True])
def test_a_picture_of_floats_is_one_line(tmp_path, capfd, ending, grey):
    if grey and ending == ".pfm":
        write_depth(tmp_path / "a.pfm", np.full((8, 9), 0.5, np.float32))
    else:
        cv2.imwrite(str(tmp_path / f"a{ending}"), np.full((8, 9, 3), 0.5, np.float32))
    user_error(lambda: read_image(tmp_path / f"a{ending}"), f"a{ending}: is an image of float32, expected 8 or 16")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float16"])
@pytest.mark.parametrize("kind", [dict(byteorder="<"), dict(byteorder=">"), dict(bigtiff=True)])
def test_a_tiff_of_several_pages_is_refused_but_not_its_small_copies(tmp_path, dtype, kind):
    readers = (read_depth_file, read_image) if dtype.startswith("u") else (read_depth_file,)
    page = np.arange(1, 73, dtype=dtype).reshape(8, 9)
    others = {
        "copies": [dict(data=page[::step, ::step], subfiletype=1) for step in (2, 4)],
        "mask": [dict(data=page > 9, subfiletype=4)],
        "pages": [dict(data=page[::-1])],
        "pages_behind": [dict(data=page[::2, ::2], subfiletype=1), dict(data=page[::-1])],
    }
    for name, further in others.items():
        with tifffile.TiffWriter(tmp_path / f"{name}.tif", **kind) as file:
            for settings in (dict(data=page), *further):
                file.write(photometric="minisblack", **settings)
    for read in readers:
        for name in ("pages", "pages_behind"):
            error = f"{name}.tif: is a TIFF of several pages, expected one"
            user_error(lambda read=read, name=name: read(tmp_path / f"{name}.tif"), error)
        for name in ("copies", "mask"):
            assert read(tmp_path / f"{name}.tif").shape[:2] == (8, 9)
            np.testing.assert_array_equal(read_depth_file(tmp_path / f"{name}.tif"), page)


def test_damaged_pages_of_a_tiff_do_not_hang(tmp_path):
    """A chain of pages that leads back to its beginning, or out of the file."""
    tifffile.imwrite(tmp_path / "whole.tif", IMAGE[..., 0], byteorder="<")
    whole = (tmp_path / "whole.tif").read_bytes()
    begin = int.from_bytes(whole[4:8], "little")
    end = begin + 2 + 12 * int.from_bytes(whole[begin : begin + 2], "little")
    for following in (begin, len(whole) + 100, 2**32 - 1):
        (tmp_path / "a.tif").write_bytes(whole[:end] + following.to_bytes(4, "little") + whole[end + 4 :])
        np.testing.assert_array_equal(read_image(tmp_path / "a.tif")[..., 0], IMAGE[..., 0])
