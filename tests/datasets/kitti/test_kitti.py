import cv2
import numpy as np
import pytest
from mmengine.config import Config
from support.kitti_layout import (
    BASELINE,
    CX,
    CY,
    DISPARITY,
    DRIVE,
    FOCAL,
    HEIGHT,
    WIDTH,
    image_path,
    pair_images,
    projected,
    scan_path,
    scan_points,
    split_of,
    write_calibration,
    write_frame,
    write_image,
    write_kitti,
)
from support.paths import REAL_DATA, ROOT

from mdetools.contract.types import SampleIndex
from mdetools.datasets import KITTIDataset
from mdetools.datasets.doctor import examine, summarize
from mdetools.registry import DATASETS
from mdetools.testing import check_dataset

PACK = [dict(type="PackSample")]
K = np.array([[FOCAL, 0, CX], [0, FOCAL, CY], [0, 0, 1]])


@pytest.fixture
def root(tmp_path):
    return write_kitti(tmp_path / "kitti")


def test_left_sample(root):
    dataset = DATASETS.build(dict(type="KITTIDataset", data_root=str(root), split="train", pipeline=PACK))
    assert [dataset[i]["meta"]["id"] for i in range(3)] == [f"{DRIVE} {number} l" for number in (3, 4, 12)]
    sample = dataset[2]
    left, right = pair_images(12)
    np.testing.assert_array_equal(sample["image"].numpy(), left.transpose(2, 0, 1))
    np.testing.assert_array_equal(sample["image_right"].numpy(), right.transpose(2, 0, 1))
    np.testing.assert_allclose(sample["intrinsics"], K, rtol=1e-6)
    assert sample["baseline"].item() == pytest.approx(BASELINE, rel=1e-6)
    assert sample["meta"]["path"] == str(image_path(root, 12, 2))
    assert "depth" not in sample and "valid_mask" not in sample
    assert "image_right" not in KITTIDataset(str(root), stereo=False).load(0)


@pytest.mark.parametrize("source", ["velodyne", "velodyne_devkit"])
def test_both_sides_against_the_scan(root, source):
    dataset = KITTIDataset(str(root), split_of(root, "4 l", "4 r"), source)
    offset = {"velodyne": 0, "velodyne_devkit": 1}[source]
    left, right = dataset.load(0), dataset.load(1)
    np.testing.assert_allclose(left["depth"], projected(scan_points(4), 2, offset=offset), rtol=1e-6)
    np.testing.assert_allclose(right["depth"][:, ::-1], projected(scan_points(4), 3, offset=offset), rtol=1e-6)
    for sample in (left, right):
        np.testing.assert_array_equal(sample["valid_mask"], sample["depth"] > 0)
        assert sample["valid_mask"].sum() > 50


def test_a_right_line_is_the_mirrored_pair(root):
    sample = KITTIDataset(str(root), split_of(root, "3 r")).load(0)
    left, right = pair_images(3)
    np.testing.assert_array_equal(sample["image"], right[:, ::-1])
    np.testing.assert_array_equal(sample["image_right"], left[:, ::-1])
    # left(x) = right(x - d), d > 0, as in any sample
    np.testing.assert_array_equal(sample["image"][:, DISPARITY:], sample["image_right"][:, :-DISPARITY])
    assert sample["intrinsics"][0, 2] == pytest.approx(WIDTH - 1 - CX, rel=1e-6)
    assert sample["baseline"] == pytest.approx(BASELINE, rel=1e-6)
    assert sample["meta"]["id"] == f"{DRIVE} 3 r"


def test_jpg_is_found(root):
    for camera, image in zip((2, 3), pair_images(3), strict=True):
        image_path(root, 3, camera).unlink()
        smooth = cv2.GaussianBlur(image, (0, 0), 3)
        path = write_image(image_path(root, 3, camera, ".jpg"), smooth)
    sample = KITTIDataset(str(root)).load(0)
    assert sample["meta"]["path"].endswith("image_02/data/0000000003.jpg")
    assert np.abs(sample["image_right"].astype(int) - smooth).mean() < 4
    assert str(path).endswith("image_03/data/0000000003.jpg")


@pytest.mark.parametrize("folder", ["{drive}", "train/{name}", "val/{name}"])
@pytest.mark.parametrize(("side", "camera"), [("l", 2), ("r", 3)])
def test_annotated_depth(root, folder, side, camera):
    values = np.random.default_rng(camera).integers(0, 60000, (HEIGHT, WIDTH)).astype(np.uint16)
    values[:20] = 0
    folder = root / folder.format(drive=DRIVE, name=DRIVE.split("/")[1])
    write_image(folder / f"proj_depth/groundtruth/image_0{camera}/0000000003.png", values)
    sample = KITTIDataset(str(root), split_of(root, f"3 {side}"), "annotated").load(0)
    expected = values / 256.0
    np.testing.assert_allclose(sample["depth"], expected if side == "l" else expected[:, ::-1], rtol=1e-6)
    assert sample["valid_mask"].sum() == (values > 0).sum()


def test_depth_from_disparity(root, tmp_path):
    values = np.random.default_rng(0).integers(0, 60000, (HEIGHT, WIDTH)).astype(np.uint16)
    values[:9] = 0
    for folder in (tmp_path / "elsewhere", root / "disparity"):
        write_image(folder / DRIVE.split("/")[1] / "0000000004.png", values)
    expected = np.zeros((HEIGHT, WIDTH))
    expected[values > 0] = FOCAL * BASELINE / (values[values > 0] / 256.0)
    for given in (dict(disparity_root=str(tmp_path / "elsewhere")), {}):
        sample = KITTIDataset(str(root), split_of(root, "4 l"), "disparity", **given).load(0)
        np.testing.assert_allclose(sample["depth"], expected, rtol=1e-6)


def test_calibration_is_read_once_a_date(root):
    other = "2011_09_28/2011_09_28_drive_0001_sync"
    write_calibration(root, "2011_09_28", P_rect_02=" ".join(map(str, [70, 0, 30, 7, 0, 70, 15, 0, 0, 0, 1, 0])))
    write_frame(root, 3, drive=other)
    (root / "both.txt").write_text(f"{DRIVE} 3 l\n{other} 3 l\n")
    dataset = KITTIDataset(str(root), "both", "velodyne")
    samples = [dataset.load(index) for index in range(2)]
    assert [sample["intrinsics"][0, 0] for sample in samples] == [60, 70]
    assert samples[1]["baseline"] == pytest.approx(7 / 70 + 0.47, rel=1e-6)
    for path in root.glob("*/calib*"):
        path.unlink()
    assert dataset.load(1)["baseline"] == samples[1]["baseline"]
    np.testing.assert_array_equal(dataset.load(1)["depth"], samples[1]["depth"])


@pytest.mark.parametrize("source", [None, "velodyne"])
def test_battery_and_doctor(root, source):
    dataset = KITTIDataset(str(root), split_of(root, "3 l", "4 r", "12 l"), source, PACK)
    check_dataset(dataset)
    report = summarize(dataset, list(examine(dataset)), batch_size=2)
    assert report["problems"] == report["all_hole"] == []
    if source is None:
        assert report["valid_share"] is None and report["depth"] is None
    else:
        share = (projected(scan_points(3), 2) > 0).mean()
        assert 0 < report["valid_share"]["min"] <= share < 0.2
    scan_path(root, 4).write_bytes(b"")
    assert len(summarize(dataset, list(examine(dataset)))["problems"]) == (source is not None)


@pytest.mark.parametrize("name", ["kitti_stereo", "kitti_depth"])
def test_base_config(root, name):
    cfg = Config.fromfile(str(ROOT / "configs" / "_base_" / "datasets" / f"{name}.py"))
    for loader, split in ((cfg.train_dataloader, "train"), (cfg.val_dataloader, "val")):
        assert loader.dataset.data_root == "data/kitti" and loader.dataset.split == split
        dataset = DATASETS.build(loader.dataset | dict(data_root=str(root), split="train"))
        sample = dataset[SampleIndex(0, 3, 1)]
        assert ("image_right" in sample) == (name == "kitti_stereo")
        expected = {"kitti_stereo": (188, 620), "kitti_depth": (518, 518 if split == "train" else 1106)}
        assert sample["image"].shape[1:] == expected[name]
        if split == "val":  # scored at the size of the LiDAR's image
            np.testing.assert_allclose(sample["depth"][0], projected(scan_points(4), 2), rtol=1e-6)
    assert cfg.val_evaluator.protocol == "kitti_garg_80"


@pytest.mark.skipif(not (REAL_DATA / "kitti_raw").is_dir(), reason=f"no KITTI pairs in {REAL_DATA}")
def test_velodyne_agrees_with_the_official_disparity():
    """On KITTI Stereo 2015 frames, where scan and disparity map both know a pixel."""
    roots = dict(data_root=str(REAL_DATA / "kitti_raw"), split="val", stereo=False)
    scans, maps = (
        KITTIDataset(**roots, depth_source=source, disparity_root=str(REAL_DATA / "kitti_disp_occ"))
        for source in ("velodyne", "disparity")
    )
    differences = []
    for index in range(len(scans)):
        scan, truth = scans.load(index), maps.load(index)
        both = scan["valid_mask"] & truth["valid_mask"]
        focal_baseline = float(scan["intrinsics"][0, 0]) * scan["baseline"]
        differences.append(np.abs(focal_baseline / scan["depth"][both] - focal_baseline / truth["depth"][both]))
        assert 0.03 < scan["valid_mask"].mean() < 0.06
    assert len(differences) == 12
    assert np.median(np.concatenate(differences)) < 0.1


@pytest.mark.skipif(not (REAL_DATA / "kitti_raw").is_dir(), reason=f"no KITTI pairs in {REAL_DATA}")
def test_real_pairs_match_on_both_sides():
    """Moving the right image by the LiDAR's disparity must bring it nearer to the left one, mirrored or not."""
    lines = (REAL_DATA / "kitti_raw/val.txt").read_text().split("\n")[:3]
    for line in lines:
        for side in "lr":
            dataset = KITTIDataset(str(REAL_DATA / "kitti_raw"), "val", "velodyne")
            dataset.frames = [dataset.frames[lines.index(line)]._replace(side=side)]
            sample = dataset.load(0)
            rows, columns = np.nonzero(sample["valid_mask"])
            disparity = sample["intrinsics"][0, 0] * sample["baseline"] / sample["depth"][rows, columns]
            there = np.rint(columns - disparity).astype(int)
            rows, columns, there = (array[there >= 0] for array in (rows, columns, there))
            left, right = sample["image"].astype(float), sample["image_right"].astype(float)
            moved = np.abs(left[rows, columns] - right[rows, there]).mean()
            assert moved < 0.6 * np.abs(left[rows, columns] - right[rows, columns]).mean()
