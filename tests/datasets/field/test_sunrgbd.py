"""SUN RGB-D: rotated bits, the toolbox's split, and damage."""

import numpy as np
import pytest
from scipy.io import savemat
from support.field_layouts import picture, samples_of_config, write_image
from support.user_errors import user_error

from mdetools.datasets import SUNRGBDDataset

PACK = [dict(type="PackSample")]
MILLIMETRES = np.array([[0, 1, 7, 8], [1234, 5000, 8191, 60001]])
FOLDERS = ("kv1/b3dodata/img_0063", "kv2/kinect2data/000002_a", "xtion/sun3ddata/home/f1")


def rotated(millimetres):
    """How the files have it: each number's 16 binary digits, the first three of them behind the others."""
    digits = [format(number, "016b") for number in np.ravel(millimetres)]
    return np.array([int(text[3:] + text[:3], 2) for text in digits], np.uint16).reshape(np.shape(millimetres))


def write_frame(root, folder, millimetres=MILLIMETRES, depth_name="9"):
    """Writes a frame's folder. Image and depth have names of their own."""
    write_image(root / "SUNRGBD" / folder / "image/0000103.jpg", picture(*np.shape(millimetres)))
    write_image(root / "SUNRGBD" / folder / f"depth/{depth_name}.png", rotated(millimetres))
    write_image(root / "SUNRGBD" / folder / f"depth_bfx/{depth_name}.png", rotated(np.maximum(millimetres, 500)))
    (root / "SUNRGBD" / folder / "intrinsics.txt").write_text("529.5 0 365 \n0 529.5 265 \n0 0 1 \n")


def write_split(root, train, test, **options):
    """Writes the toolbox's split: cells of paths on the authors' machine."""
    path = root / "SUNRGBDtoolbox/traintestSUNRGBD/allsplit.mat"
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = {"alltrain": train, "alltest": test}
    cells = {
        key: np.array([[f"/n/fs/sun3d/data/SUNRGBD/{name}" for name in names]], object) for key, names in cells.items()
    }
    savemat(path, {"trainvalsplit": np.eye(3), **cells}, **options)
    return path


def dataset(root, split="train", **options):
    return SUNRGBDDataset(str(root), split, PACK, **options)


def test_rotated_bits(tmp_path):
    write_frame(tmp_path, FOLDERS[0])
    sample = dataset(tmp_path, "all")[0]
    np.testing.assert_allclose(sample["depth"][0].numpy(), MILLIMETRES / 1000, rtol=1e-6)
    np.testing.assert_allclose(sample["intrinsics"].numpy(), [[529.5, 0, 365], [0, 529.5, 265], [0, 0, 1]])
    assert sample["meta"]["id"] == FOLDERS[0] and int(sample["valid_mask"].sum()) == 7
    filled = dataset(tmp_path, "all", depth_source="filled")
    np.testing.assert_allclose(filled[0]["depth"][0].numpy(), np.maximum(MILLIMETRES, 500) / 1000, rtol=1e-6)
    assert filled.metainfo == {"ground_truth": "filled"}


@pytest.mark.parametrize("options", [{}, {"do_compression": True}])
def test_split_of_the_toolbox(tmp_path, options):
    for folder in FOLDERS:
        write_frame(tmp_path, folder)
    write_split(tmp_path, [FOLDERS[2], f"{FOLDERS[0]}/"], [FOLDERS[1]], **options)
    assert [sample["meta"]["id"] for sample in dataset(tmp_path)] == [FOLDERS[2], FOLDERS[0]]
    assert [sample["meta"]["id"] for sample in dataset(tmp_path, "test")] == [FOLDERS[1]]
    assert len(dataset(tmp_path, "all")) == 3
    write_split(tmp_path, FOLDERS[:2], ["kv1/NYUdata/NYU0001"])
    assert len(dataset(tmp_path)) == 2
    user_error(lambda: dataset(tmp_path, "test"), "1 of 1 frames are not in", "kv1/NYUdata/NYU0001")
    write_split(tmp_path, [FOLDERS[0], "kv1/NYUdata/NYU0001"], [])
    with pytest.warns(UserWarning, match="1 of 2 frames are not in .*NYU0001; they are left out"):
        assert len(dataset(tmp_path)) == 1


def test_wrong_splits(tmp_path):
    user_error(lambda: dataset(tmp_path / "none"), "no folder", "SUNRGBD")
    user_error(lambda: dataset(tmp_path, "all"), "no folder in it has an image in image/ and a depth file in depth/")
    write_frame(tmp_path, FOLDERS[0])
    user_error(lambda: dataset(tmp_path, "val"), "no split 'val'")
    user_error(lambda: dataset(tmp_path, depth_source="bfx"), "no depth_source 'bfx'")
    user_error(lambda: dataset(tmp_path), "allsplit.mat", "No such file")
    path = write_split(tmp_path, [], [FOLDERS[0]])
    whole = path.read_bytes()
    for content in (b"", b"no mat", whole[:200], whole[:-9]):
        path.write_bytes(content)
        user_error(lambda: dataset(tmp_path, "test"), "allsplit.mat: not a readable .mat file")
    savemat(path, {"alltest": np.eye(2)})
    user_error(lambda: dataset(tmp_path), "no 'alltrain' in the file")
    user_error(lambda: dataset(tmp_path, "test"), "an array of numbers, expected a cell array of texts")
    savemat(path, {"alltrain": np.array([["a", np.eye(2)]], object)})
    user_error(lambda: dataset(tmp_path), "a cell that holds no text")


def test_missing_and_damaged_files(tmp_path):
    for folder in FOLDERS[:2]:
        write_frame(tmp_path, folder)
    frame = tmp_path / "SUNRGBD" / FOLDERS[0]
    write_image(frame / "depth/9.png", MILLIMETRES.astype(np.uint8))
    user_error(lambda: dataset(tmp_path, "all")[0], "9.png", "uint8 (2, 4)", "16-bit")
    (frame / "intrinsics.txt").write_text("529.5 0 365\n")
    write_frame(tmp_path, FOLDERS[1], MILLIMETRES[:1])
    user_error(lambda: dataset(tmp_path, "all", depth_source="filled")[0], "intrinsics.txt")
    write_image(tmp_path / "SUNRGBD" / FOLDERS[1] / "image/0000103.jpg", picture(2, 4))
    user_error(lambda: dataset(tmp_path, "all")[1], "depth has shape (1, 4), expected (2, 4)")
    (frame / "depth/9.png").unlink()
    with pytest.warns(
        UserWarning, match=r"1 of 2 frames have not one file each in image/ and depth/; they are left out"
    ):
        assert len(dataset(tmp_path, "all")) == 1


def test_config(tmp_path):
    for folder in FOLDERS[:2]:
        write_frame(tmp_path, folder)
    write_split(tmp_path, FOLDERS[:1], FOLDERS[1:2])
    train, val = samples_of_config("sunrgbd", tmp_path)
    assert train["depth"].max() <= 10 and float(val["depth"].max()) == pytest.approx(60.001)
