"""TUM RGB-D by its config: fifths of a millimetre, and lists with a time before each file."""

import numpy as np
import pytest
from support.field_layouts import picture, samples_of_config, write_image
from support.user_errors import user_error

from mdetools.datasets import RGBDDataset

PACK = [dict(type="PackSample")]
FIFTHS = np.array([[0, 5000, 2500], [1, 50000, 12345]], np.uint16)
METRES = [[0, 1, 0.5], [0.0002, 10, 2.469]]
OPTIONS = dict(depth_scale=5000.0, intrinsics=[517.3, 516.5, 318.6, 255.3])


def write_sequence(
    root, times=(("1305031102.175304", "1305031102.160407"), ("1305031102.211214", "1305031102.226738"))
):
    """Writes a sequence and what associate.py prints for it."""
    for number, (colour, depth) in enumerate(times):
        write_image(root / f"rgb/{colour}.png", picture(2, 3, number))
        write_image(root / f"depth/{depth}.png", FIFTHS)
    lines = [f"{colour} rgb/{colour}.png {depth} depth/{depth}.png" for colour, depth in times]
    (root / "associations.txt").write_text("\n".join(lines) + "\n")


def test_association_lists(tmp_path):
    write_sequence(tmp_path)
    dataset = RGBDDataset(str(tmp_path), "associations", pipeline=PACK, **OPTIONS)
    assert [sample["meta"]["id"] for sample in dataset] == ["rgb/1305031102.175304", "rgb/1305031102.211214"]
    assert (dataset[1]["image"].permute(1, 2, 0).numpy() == picture(2, 3, 1)).all()
    np.testing.assert_allclose(dataset[0]["depth"][0].numpy(), METRES, rtol=1e-6)
    expected = np.array([[517.3, 0, 318.6], [0, 516.5, 255.3], [0, 0, 1]], np.float32)
    np.testing.assert_array_equal(dataset[0]["intrinsics"].numpy(), expected)


def test_columns_that_are_swapped(tmp_path):
    """As associate.py prints them for depth.txt and rgb.txt in this order."""
    write_sequence(tmp_path)
    lines = [line.split() for line in (tmp_path / "associations.txt").read_text().splitlines()]
    (tmp_path / "associations.txt").write_text("\n".join(" ".join(words[2:] + words[:2]) for words in lines))
    user_error(
        lambda: RGBDDataset(str(tmp_path), "associations", **OPTIONS).load(0),
        "rgb/1305031102.175304.png: depth has ",
        "swap the list's columns if this is the image",
    )


def test_config(tmp_path):
    write_sequence(tmp_path)
    train, val = samples_of_config("tum", tmp_path)
    assert train["image"].shape == (3, 518, 518) and train["depth"].max() <= 10
    np.testing.assert_allclose(val["depth"][0].numpy(), METRES, rtol=1e-6)


@pytest.mark.parametrize("line", ["1305031102.175304 rgb/1305031102.175304.png", "1305031102.17 1305031102.16"])
def test_lines_that_are_no_pairs(tmp_path, line):
    write_sequence(tmp_path)
    (tmp_path / "associations.txt").write_text(f"# color and depth\n{line}\n")
    words = "associations.txt:2", "expected `<image> <depth>`"
    user_error(lambda: RGBDDataset(str(tmp_path), "associations", **OPTIONS), *words)
