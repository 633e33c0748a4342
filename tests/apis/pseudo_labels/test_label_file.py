"""The bytes of a label file, against other readers and plain arithmetic."""

import io

import numpy as np
import pytest
from PIL import Image

from mdetools.apis.pseudo_labels.label_file import FORMATS, encode_npz, encode_png16


@pytest.fixture
def inverse_depth():
    rng = np.random.default_rng(0)
    return (rng.random((23, 31)) * 3 - 1).astype(np.float32)


def test_png_holds_each_image_from_0_to_65535(inverse_depth):
    stored = np.asarray(Image.open(io.BytesIO(encode_png16(inverse_depth)))).astype(np.int64)
    exact = inverse_depth.astype(np.float64)
    expected = 65535 * (exact - exact.min()) / (exact.max() - exact.min())
    assert stored.shape == inverse_depth.shape
    assert np.abs(stored - expected).max() <= 0.5 + 1e-6
    assert stored[np.unravel_index(inverse_depth.argmax(), inverse_depth.shape)] == 65535
    assert stored[np.unravel_index(inverse_depth.argmin(), inverse_depth.shape)] == 0


def test_a_constant_map_is_0():
    assert not np.asarray(Image.open(io.BytesIO(encode_png16(np.full((4, 6), 3.0, np.float32))))).any()


def test_npz_holds_half_precision(inverse_depth):
    with np.load(io.BytesIO(encode_npz(inverse_depth))) as file:
        assert list(file) == ["inverse_depth"] and file["inverse_depth"].dtype == np.float16
        assert np.abs(file["inverse_depth"] - inverse_depth).max() <= 2 * 2**-11


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_map_has_the_same_bytes(name, inverse_depth):
    assert FORMATS[name].encode(inverse_depth) == FORMATS[name].encode(inverse_depth.copy())


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kept, whole", [(1.0, True), (0.99, False), (0.5, False), (0.0, False)])
def test_a_file_that_was_cut_is_seen(name, kept, whole, inverse_depth, tmp_path):
    content = FORMATS[name].encode(inverse_depth)
    path = tmp_path / f"label{FORMATS[name].suffix}"
    path.write_bytes(content[: int(kept * len(content))])
    assert FORMATS[name].is_whole(path) is whole
