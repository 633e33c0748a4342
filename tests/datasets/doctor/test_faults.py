"""The doctor against data sets with one fault each: it names every one, and nothing else."""

import re

import cv2
import numpy as np
import pytest
from support.doctored import config_of, names_found, rooms, write_nyu, write_pngs


def known(depth, values):
    """The values where there is depth, 0 elsewhere."""
    return np.where(depth > 0, values, 0)


def to_8_bits(depth):
    return np.floor(depth / 10 * 255) / 255 * 10


def shifted(depth, columns, rows=0):
    moved = np.roll(depth, (rows, columns), (0, 1))
    moved[:, :columns] = 0
    return moved


def zoomed(depth):
    """As a depth camera of a wider field of view sees it, beside the colour camera."""
    height, width = depth.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, 0.87)
    matrix[0, 2] += 4
    return cv2.warpAffine(depth, matrix, (width, height), flags=cv2.INTER_NEAREST)


def of_depth(change):
    """A fault of the depth alone."""
    return lambda image, depth, index: (image, change(depth))


def of_image(change):
    """A fault of the image alone."""
    return lambda image, depth, index: (change(image), depth)


def inverted(depth):
    return known(depth, 1 / np.maximum(depth, 0.1))


def nearest_the_same(depth):
    """Inverse depth of which a pixel in each frame is as near as the sensor sees."""
    inverse = inverted(depth)
    inverse[np.unravel_index(inverse.argmax(), inverse.shape)] = 1 / 0.3
    return inverse


def relative_inverse(depth):
    """As a relative model gives it: inverse depth, its range stretched to 0..10."""
    inverse = inverted(depth)
    low, high = np.percentile(inverse[depth > 0], (0, 100))
    return known(depth, 0.1 + 9.9 * (inverse - low) / (high - low))


def every(step, change):
    """A fault of each `step`-th frame."""
    return lambda image, depth, index: change(image, depth, index) if index % step == 0 else (image, depth)


def holes_of(code):
    """A quarter of the pixels, in patches, of depths up to 4 m have one value."""

    def change(image, depth, index):
        patches = np.random.default_rng(index).random((12, 16)) < 0.25
        holes = patches.repeat(8, 0).repeat(8, 1) | (depth == 0)
        return image, np.where(holes, code, depth * 4 / depth.max())

    return change


CHANGES = {
    "millimetres": (of_depth(lambda depth: depth * 1000), {"units", "survival"}),
    "centimetres": (of_depth(lambda depth: depth * 100), {"units", "survival"}),
    "x256": (of_depth(lambda depth: depth * 256), {"units", "survival"}),
    "x5000": (of_depth(lambda depth: depth * 5000), {"units", "survival"}),
    "divided by ten": (of_depth(lambda depth: depth / 10), {"units"}),
    "normalised": (of_depth(lambda depth: depth / depth.max()), {"units", "normalised"}),
    "normalised to 10": (of_depth(lambda depth: 10 * depth / depth.max()), {"normalised"}),
    "inverse depth": (of_depth(inverted), {"inverse_depth"}),
    "disparity": (of_depth(lambda depth: 9 * inverted(depth)), {"inverse_depth"}),
    "inverse depth of a nearest distance": (of_depth(nearest_the_same), {"inverse_depth"}),
    "relative inverse depth": (of_depth(relative_inverse), {"inverse_depth", "normalised"}),
    "8 bits": (of_depth(to_8_bits), {"banded"}),
    "decimetres": (of_depth(lambda depth: np.round(depth, 1)), {"banded"}),
    "half metres": (of_depth(lambda depth: np.round(depth * 2) / 2), {"banded"}),
    "some in millimetres": (every(4, of_depth(lambda depth: depth * 1000)), {"mixed_units", "survival"}),
    "constant": (of_depth(lambda depth: known(depth, 2.5)), {"constant"}),
    "some constant": (every(5, of_depth(lambda depth: known(depth, 2.5))), {"constant"}),
    "one map for all": (lambda image, depth, index: (image, rooms()[0][3]), {"same_depth"}),
    "mirrored": (of_depth(np.fliplr), {"mirrored"}),
    "mirrored images": (of_image(np.fliplr), {"mirrored"}),
    "upside down": (of_depth(np.flipud), {"flipped"}),
    "turned": (of_depth(lambda depth: depth[::-1, ::-1]), {"turned"}),
    "shifted": (of_depth(lambda depth: shifted(depth, 8)), {"unregistered"}),
    "shifted down": (of_depth(lambda depth: np.roll(depth, 6, 0)), {"unregistered"}),
    "another field of view": (of_depth(zoomed), {"unregistered"}),
    "NaN": (of_depth(lambda depth: np.where(depth > 0, depth, np.nan)), {"not_finite"}),
    "infinite": (of_depth(lambda depth: np.where(depth > 0, depth, np.inf)), {"not_finite"}),
    "negative": (of_depth(lambda depth: np.where(depth > 0, depth, -1)), {"unreadable"}),
    "65535": (of_depth(lambda depth: np.where(depth > 0, depth, 65.535)), {"hole_code"}),
    "holes of 9999": (holes_of(9.999), {"hole_code"}),
    "holes of 8000": (holes_of(8.0), {"hole_code"}),
    "holes of 6 m": (holes_of(6.0), {"hole_code"}),
    "a frame of holes": (every(6, of_depth(np.zeros_like)), {"all_holes"}),
    "nothing but holes": (of_depth(np.zeros_like), {"all_holes"}),
    "hardly a pixel": (
        of_depth(lambda depth: depth * (np.arange(depth.size).reshape(depth.shape) % 600 == 300)),
        {"little_depth"},
    ),
    "black images": (of_image(np.zeros_like), {"blank_image"}),
    "off by one": (lambda image, depth, index: (image, rooms()[(index + 1) % len(rooms())][3]), {"mispaired"}),
    "shuffled": (lambda image, depth, index: (image, rooms()[(index * 5 + 3) % len(rooms())][3]), {"mispaired"}),
}


@pytest.mark.parametrize("fault", CHANGES)
def test_faults_of_the_values(tmp_path, fault):
    change, expected = CHANGES[fault]
    names, findings = names_found(config_of(write_nyu(tmp_path, rooms(), change)))
    assert names == expected, [finding.line for finding in findings]


def test_without_a_fault(tmp_path):
    names, findings = names_found(config_of(write_nyu(tmp_path, rooms())))
    assert names == set(), [finding.line for finding in findings]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda depth: shifted(depth, 8), "moved by -6.2% of the width to the right and +0.0% downwards"),
        (lambda depth: np.roll(depth, 6, 0), "moved by +0.0% of the width to the right and -4.7% downwards"),
        (zoomed, "enlarged about 1.15 times and moved by -3.1% of the width to the right"),
    ],
)
def test_the_line_says_where_the_depth_belongs(tmp_path, change, words):
    _, findings = names_found(config_of(write_nyu(tmp_path, rooms(), of_depth(change)), splits=("train",)))
    assert words in findings[0].line


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (lambda depth: np.rot90(depth), "rotated_left", "turned by 90 degrees to the left"),
        (lambda depth: np.rot90(depth, -1), "rotated_right", "turned by 90 degrees to the right"),
        (np.transpose, "transposed", "transposed (rows for columns)"),
    ],
)
def test_square_frames(tmp_path, change, name, words):
    frames = [(*place, image[:, 16:112], change(depth[:, 16:112])) for *place, image, depth in rooms()]
    names, findings = names_found(config_of(write_nyu(tmp_path, frames), splits=("train",)))
    assert names == {name} and findings[0].line.startswith(f"the depth is {words} against its image")


@pytest.mark.parametrize(
    ("written", "read", "hint"),
    [
        (5000, 1000, "depth_scale=5000 (as TUM RGB-D's PNGs)"),
        (1000, 256, "depth_scale=1000 (millimetres)"),
        (8000, 1000, "depth_scale=8000 (as SUN RGB-D's PNGs, whose bits are rotated)"),
        (100, 1000, "depth_scale=100 (centimetres)"),
        (1000, 1, "depth_scale=1000 (millimetres)"),
    ],
)
def test_the_scale_that_would_fit_is_named(tmp_path, written, read, hint):
    root = write_pngs(tmp_path, rooms(), written)
    _, findings = names_found(config_of(root, "RGBDDataset", depth_scale=read, splits=("train",)))
    (line,) = (finding.line for finding in findings if finding.check == "units")
    median = np.median([np.median(depth[depth > 0]) for split, _, _, depth in rooms() if split == "train"])
    offered = re.search(re.escape(hint) + r" => median ([0-9.]+) m", line)
    assert float(offered[1]) == pytest.approx(median, rel=0.2)


@pytest.mark.parametrize("ending", [".npy", ".tif", ".pfm"])
def test_metres_are_offered_first_for_floats(tmp_path, ending):
    root = write_pngs(tmp_path, rooms())
    for split, name, _, depth in rooms():
        path = root / f"{split}/depth/{name}.png"
        path.unlink()
        values = depth.astype(np.float32)
        if ending == ".npy":
            np.save(path.with_suffix(ending), values)
        else:
            cv2.imwrite(str(path.with_suffix(ending)), values)
    _, findings = names_found(config_of(root, "RGBDDataset", depth_scale=1000, splits=("train",)))
    (line,) = (finding.line for finding in findings if finding.check == "units")
    assert re.search(r"\(DepthRange\); depth_scale=1 \(metres\) => median [0-9.]+ m", line)


@pytest.mark.parametrize(("step", "severity"), [(1, "error"), (3, "warning")])
def test_blank_images_are_an_error_if_all_are(tmp_path, step, severity):
    root = write_nyu(tmp_path, rooms(), every(step, of_image(np.zeros_like)))
    _, findings = names_found(config_of(root, splits=("train",)))
    assert [(finding.check, finding.severity) for finding in findings] == [("blank_image", severity)]
