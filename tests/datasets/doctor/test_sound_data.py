"""No false alarm: data sets of many kinds of scenes that nothing is wrong with."""

import cv2
import numpy as np
import pytest
from support.doctored import aerial, config_of, kitchen, names_found, rooms, tubes, write_nyu, write_pngs
from support.nyu_layout import write_h5
from support.paths import REAL_DATA

from mdetools.apis.dataset_check import check_datasets

NEEDS_DATA = pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no real data in {REAL_DATA}")


def assert_sound(config):
    names, findings = names_found(config)
    assert names == set(), [finding.line for finding in findings]


def at_size(frames, width):
    """Frames whose images have this width."""
    for split, name, image, depth in frames:
        size = (width, round(width * depth.shape[0] / depth.shape[1]))
        yield (
            split,
            name,
            cv2.resize(image, size, interpolation=cv2.INTER_AREA),
            cv2.resize(depth, size, interpolation=0),
        )


def test_rooms_as_pngs(tmp_path):
    assert_sound(config_of(write_pngs(tmp_path, rooms()), "RGBDDataset"))


def test_one_frame(tmp_path):
    assert_sound(config_of(write_nyu(tmp_path, rooms()[:1]), splits=("train",)))


@pytest.mark.parametrize("depth_range", [(0.01, 0.3), (1e-3, 1.0), None])
def test_an_endoscope(tmp_path, depth_range):
    assert_sound(config_of(write_nyu(tmp_path, tubes()), depth_range=depth_range))


def test_an_endoscope_in_millimetres(tmp_path):
    """256 steps of a millimetre are what such a file holds, and no banding."""
    assert_sound(config_of(write_pngs(tmp_path, tubes()), "RGBDDataset", depth_range=(0.01, 0.3)))


@pytest.mark.parametrize("depth_range", [(1, 400), None])
def test_a_town_from_the_air(tmp_path, depth_range):
    assert_sound(config_of(write_nyu(tmp_path, aerial()), depth_range=depth_range))


def test_a_sparse_scan(tmp_path):
    """Rooms of which every 25th pixel is measured, in lines."""
    lines = np.zeros((96, 128), bool)
    lines[::5, ::5] = True
    assert_sound(config_of(write_nyu(tmp_path, rooms(), lambda image, depth, index: (image, depth * lines))))


def boxes(image, depth, index):
    """Boxes of whole metres on a flat ground, seen from above: few values, and no banding."""
    rng = np.random.default_rng(index)
    depth, image = np.full((96, 128), 80.0), rng.integers(100, 110, (96, 128, 3), dtype=np.uint8)
    for _ in range(12):
        top, left = rng.integers(0, 80), rng.integers(0, 110)
        depth[top : top + 14, left : left + 16] = rng.integers(30, 70)
        image[top : top + 14, left : left + 16] = rng.integers(0, 256, 3)
    return image, depth


def test_boxes_on_a_ground(tmp_path):
    assert_sound(config_of(write_nyu(tmp_path, rooms(), boxes), depth_range=(1, 100)))


@pytest.mark.parametrize("far", [2.0, 3.0, 5.0])
def test_rooms_cut_at_a_far_plane(tmp_path, far):
    """Many pixels have the largest depth, the same in most frames; it is where depth ends, and no code."""
    cut = write_pngs(tmp_path, [(*place, image, np.minimum(depth, far)) for *place, image, depth in rooms()])
    assert_sound(config_of(cut, "RGBDDataset", depth_range=(1e-3, far + 1)))


def table(image, depth, index):
    """A table of one depth, seen straight down by a camera that stands still, with rounded things on it."""
    rng = np.random.default_rng(index)
    rows, columns = np.mgrid[:96, :128]
    depth, image = np.full((96, 128), 0.8), rng.integers(100, 110, (96, 128, 3), dtype=np.uint8)
    for _ in range(9):
        radius, row, column = rng.uniform(8, 16), rng.uniform(0, 96), rng.uniform(0, 128)
        bulge = 1 - ((rows - row) ** 2 + (columns - column) ** 2) / radius**2
        depth = np.minimum(depth, 0.8 - 0.3 * np.sqrt(np.maximum(bulge, 0)))
        image[bulge > 0] = rng.integers(0, 256, 3)
    return image, depth


def test_a_table_from_above(tmp_path):
    assert_sound(config_of(write_nyu(tmp_path, rooms(), table), depth_range=(0.1, 1.5)))


def test_looking_at_the_ceiling(tmp_path):
    """Depth that grows downwards in all frames is no inverse depth where planes say so."""
    root = write_nyu(tmp_path, rooms(), lambda image, depth, index: (np.flipud(image), np.flipud(depth)))
    assert_sound(config_of(root))


@NEEDS_DATA
@pytest.mark.parametrize("width", [320, 160, 80])
def test_the_kitchen(tmp_path, width):
    assert_sound(config_of(write_nyu(tmp_path, at_size(kitchen(), width))))


@NEEDS_DATA
@pytest.mark.parametrize("width", [640, 200])
def test_nyu_frames(tmp_path, width):
    from mdetools.datasets import NYUDataset

    dataset = NYUDataset(str(REAL_DATA / "nyu"), "val_nyu")
    samples = [dataset.load(index) for index in range(len(dataset))]
    frames = [("train", sample["meta"]["id"], sample["image"], sample["depth"]) for sample in samples]
    assert_sound(config_of(write_nyu(tmp_path, at_size(frames, width)), splits=("train",)))


@NEEDS_DATA
@pytest.mark.parametrize("source", [dict(depth_source="velodyne"), dict(depth_source="disparity")])
def test_kitti(tmp_path, source):
    (tmp_path / "some.txt").write_text("2011_09_26/2011_09_26_drive_9003_sync * l\n")
    if source["depth_source"] == "disparity":
        source = source | dict(disparity_root=str(REAL_DATA / "kitti_disp_occ"))
    config = config_of(REAL_DATA / "kitti_raw", "KITTIDataset", (1e-3, 80), splits=("train",), **source)
    config.train_dataloader.dataset.split = str(tmp_path / "some.txt")
    assert_sound(config)


@NEEDS_DATA
def test_kitti_pairs_without_depth():
    assert_sound(config_of(REAL_DATA / "kitti_raw", "KITTIDataset", None))


@NEEDS_DATA
def test_middlebury(tmp_path):
    """Depth from the disparity of each scene, as far as if all had one camera."""
    for folder in sorted((REAL_DATA / "middlebury").iterdir()):
        image = cv2.imread(str(folder / "im0.png"))[..., ::-1]
        disparity = cv2.imread(str(folder / "disp0.png"), cv2.IMREAD_UNCHANGED) / np.float32(256)
        depth = np.divide(100, disparity, out=np.zeros_like(disparity), where=disparity > 0)
        write_h5(tmp_path / f"train/{folder.name}.h5", image, depth)
    config = config_of(tmp_path, depth_range=(0.1, 30), splits=("train",))
    config.train_dataloader.batch_size = 1
    assert_sound(config)


def test_the_report_of_a_sound_split(tmp_path):
    """What the terminal and the JSON say of rooms whose depth is cut at 5 m."""
    (checked, _) = check_datasets(config_of(write_nyu(tmp_path, rooms()), depth_range=(1e-3, 5.0)), 0)
    depths = np.stack([depth for split, _, _, depth in rooms() if split == "train"])
    kept = [((depth > 0) & (depth <= 5)).sum() / (depth > 0).sum() for depth in depths]
    report = checked.report
    assert report["survival"]["mean"] == pytest.approx(np.mean(kept), abs=1e-6)
    assert report["survival"]["min"] == pytest.approx(min(kept), abs=1e-6)
    assert report["valid_share"]["mean"] == pytest.approx((depths > 0).mean(), abs=1e-6)
    assert report["counted_depths"]["high"] == 5 and report["counted_depths"]["source"] == "DepthRange"
    assert report["counted_depths"]["share"] == pytest.approx(np.mean(kept), abs=0.02)
    histogram = report["histogram"]
    assert sum(histogram["share"]) == pytest.approx(1, abs=5e-3)
    below = sum(share for start, share in zip(histogram["from"], histogram["share"], strict=True) if start < 2.3)
    assert below == pytest.approx(np.mean([(depth[depth > 0] < 2.37).mean() for depth in depths]), abs=0.02)
    assert report["images_per_second"] > 0
