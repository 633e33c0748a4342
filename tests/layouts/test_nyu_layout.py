import numpy as np

from mdetools.datasets.nyu import NYUDataset
from mdetools.layouts.nyu import fitted_nyu_intrinsics, frame_path, resized_nyu_intrinsics
from mdetools.synthetic.writers import NYUSettings, write_nyu


def test_fitted_intrinsics_at_half_size():
    expected = [[518.8579 / 2, 0, (325.5824 + 0.5) / 2 - 0.5], [0, 519.4696 / 2, (253.7362 + 0.5) / 2 - 0.5], [0, 0, 1]]
    np.testing.assert_allclose(fitted_nyu_intrinsics(240, 320), expected, rtol=1e-6)


def test_a_square_image_is_squeezed_by_one_rule_and_cut_or_extended_by_the_other():
    squeezed, extended = resized_nyu_intrinsics(320, 320), fitted_nyu_intrinsics(320, 320)
    np.testing.assert_allclose(squeezed[[0, 1], [0, 1]], [518.85790 / 2, 519.46961 * 320 / 480], rtol=1e-6)
    np.testing.assert_allclose(squeezed[1, 2], (253.73617 + 0.5) * 320 / 480 - 0.5, rtol=1e-6)
    np.testing.assert_allclose(extended[[0, 1], [0, 1]], [518.8579 / 2, 519.4696 / 2], rtol=1e-6)
    np.testing.assert_allclose(extended[1, 2], (253.7362 + 0.5) / 2 - 0.5 + 40, rtol=1e-6)  # 40 rows more above
    np.testing.assert_allclose(squeezed[0], extended[0], rtol=1e-6)


def test_zoom_is_of_the_focal_length_alone():
    plain, zoomed = fitted_nyu_intrinsics(240, 320), fitted_nyu_intrinsics(240, 320, 1.03)
    np.testing.assert_allclose(zoomed / np.where(plain, plain, 1), [[1.03, 0, 1], [0, 1.03, 1], [0, 0, 1]], rtol=1e-6)


def test_frames_that_the_writer_makes_are_those_that_the_reader_finds(tmp_path):
    list(write_nyu(tmp_path, NYUSettings(32, 48), {"train": 3, "val": 0}, workers=1))
    data = NYUDataset(str(tmp_path), "train")
    expected = [frame_path("train", room, number) for room, number in (("room_00000", 0), ("room_00000", 1))]
    expected.append("train/room_00001/00000.h5")
    found = [data.load(index)["meta"]["path"] for index in range(len(data))]
    assert found == [str(tmp_path / path) for path in expected]
