"""DA-2K's format, and a benchmark of three images worked out by hand."""

import json

import cv2
import numpy as np
import pytest
import torch
from support.user_errors import user_error

from mdetools.datasets import DA2KDataset, PointPairDataset, collate_samples
from mdetools.errors import UserError
from mdetools.evaluation import OrdinalMetric
from mdetools.models.postprocess.splitting import split_prediction
from mdetools.testing import check_dataset

PACK = [dict(type="PackSample")]
SMALL = [dict(type="Resize", size=28), *PACK]
RESIZED = [dict(type="Resize", size=70, multiple_of=14), *PACK]
# Points are [row, column]. The scene that is shown below is 40 rows by 64 columns.
ANNOTATIONS = {
    "images/indoor/a.png": [
        {"point1": [10, 60], "point2": [10, 5], "closer_point": "point1"},
        {"point1": [39, 0], "point2": [0, 63], "closer_point": "point2"},
    ],
    "images/indoor/b.png": [{"point1": [3, 33], "point2": [3, 32], "closer_point": "point1"}],
    "images/non_real/a.png": [
        {"point1": [20, 50], "point2": [20, 10], "closer_point": "point1"},
        {"point1": [20, 10], "point2": [20, 50], "closer_point": "point1"},
        {"point1": [5, 7], "point2": [30, 7], "closer_point": "point1"},
    ],
}


def write(root, annotations=ANNOTATIONS, size=(40, 64)):
    for name in annotations:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((*size, 3), 99, np.uint8))
    (root / "annotations.json").write_text(json.dumps(annotations))
    return root


@pytest.fixture
def root(tmp_path):
    return write(tmp_path / "DA-2K")


def test_points_are_x_y_and_the_closer_one_comes_first(root):
    dataset = DA2KDataset(str(root), pipeline=PACK)
    assert len(dataset) == 3
    first = dataset[0]
    assert first["point_pairs"].tolist() == [[[60, 10], [5, 10]], [[63, 0], [0, 39]]]
    assert first["meta"] == {
        "id": "images/indoor/a",
        "path": str(root / "images/indoor/a.png"),
        "scene": "indoor",
    }
    assert [dataset[index]["meta"]["scene"] for index in range(3)] == ["indoor", "indoor", "non_real"]
    assert len(DA2KDataset(str(root), scenes=["non_real"])) == 1
    check_dataset(DA2KDataset(str(root), pipeline=SMALL))


def evaluate(root, predict, pipeline=RESIZED, batch_size=2, **options):
    """What a test does: a map at the network's size, brought to the size of the image, and scored."""
    metric, dataset = OrdinalMetric(**options), DA2KDataset(str(root), pipeline=pipeline)
    for start in range(0, len(dataset), batch_size):
        batch = collate_samples([dataset[index] for index in range(start, min(len(dataset), start + batch_size))])
        metric.process(batch, predict(batch))
    return metric, metric.evaluate(len(dataset))


def rising(key, slope):
    """A map that rises from column to column of the original image, at that image's size."""

    def predict(batch):
        return [{key: (slope * torch.arange(64.0)).expand(1, 40, 64) + 100} for _ in batch["meta"]["id"]]

    return predict


# Right is closer: a's first pair (60 > 5) and second (63 > 0), b's (33 > 32), and the first of non_real/a's three; its
# second is told the wrong way round, and the third lies in one column: a tie.
BY_HAND = {
    "ordinal": 4 / 6,
    "ordinal_indoor": 3 / 3,
    "ordinal_non_real": 1 / 3,
    "ordinal_mean_of_scenes": 2 / 3,
}


@pytest.mark.parametrize("batch_size", [1, 2, 3])
@pytest.mark.parametrize(("key", "slope"), [("inverse_depth", 1.0), ("depth", -1.0), ("disparity", 0.5)])
def test_a_benchmark_worked_out_by_hand(root, key, slope, batch_size):
    metric, scores = evaluate(root, rising(key, slope), batch_size=batch_size)
    assert scores == pytest.approx(BY_HAND) and list(scores) == list(BY_HAND)
    assert len(metric.rows.ids) == 6 and metric.rows.ids[0] == "images/indoor/a#0"


def test_the_two_figures_differ_where_scenes_have_different_numbers_of_pairs(tmp_path):
    """8 pairs of one scene all right, 1 of another wrong: 8 / 9 of all, and 1 / 2 as a mean of scenes."""
    pair = {"point1": [0, 9], "point2": [0, 2], "closer_point": "point1"}
    wrong = pair | {"closer_point": "point2"}
    root = write(tmp_path, {"images/x/a.png": [pair] * 8, "images/y/b.png": [wrong]})
    _, scores = evaluate(root, rising("inverse_depth", 1.0))
    assert scores["ordinal"] == pytest.approx(8 / 9) and scores["ordinal_mean_of_scenes"] == 0.5


def test_a_constant_map_scores_zero_as_does_one_of_the_wrong_sign(root):
    def constant(batch):
        return [{"depth": torch.ones(1, 40, 64)} for _ in batch["meta"]["id"]]

    assert evaluate(root, constant)[1] == dict.fromkeys(BY_HAND, 0.0)
    _, wrong = evaluate(root, rising("depth", 1.0))
    assert wrong["ordinal"] == pytest.approx(1 / 6)  # the pair that is told the wrong way round
    _, broken = evaluate(root, rising("depth", torch.nan))
    assert broken["ordinal"] == 0


def test_depth_that_a_camera_made_of_disparity_does_not_turn_the_sign(root):
    def predict(batch):
        disparity = torch.arange(1.0, 65.0).expand(1, 40, 64)
        return [{"disparity": disparity, "depth": 1 / disparity} for _ in batch["meta"]["id"]]

    assert evaluate(root, predict)[1] == pytest.approx(BY_HAND)


@pytest.mark.parametrize("size", [(37, 61), (480, 640), (1536, 2048), (2047, 1365), (101, 3001)])
@pytest.mark.parametrize("network", [28, 266, 518])
def test_every_pixel_is_found_again_after_the_resize(tmp_path, size, network):
    """Each pixel has a value of its own: that of the very pixel in the file is compared, at any size of the network."""
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, size[0], (50, 2)), rng.integers(0, size[1], (50, 2))
    rows[:4], columns[:4] = [[0, size[0] - 1]] * 4, [[0, size[1] - 1], [size[1] - 1, 0]] * 2
    values = rng.permutation(size[0] * size[1]).reshape(size).astype(np.float32)
    pairs = [
        {"point1": [int(y[0]), int(x[0])], "point2": [int(y[1]), int(x[1])], "closer_point": "point1"}
        for y, x in zip(rows, columns, strict=True)
    ]
    root = write(tmp_path, {"images/s/a.png": pairs}, size)
    dataset = DA2KDataset(str(root), pipeline=[dict(type="Resize", size=network), *PACK])
    batch = collate_samples([dataset[0]])
    network_map = {"inverse_depth": torch.zeros(1, 1, *batch["image"].shape[-2:])}
    shape = split_prediction(network_map, tuple(batch["image"].shape[-2:]), batch)[0]["inverse_depth"].shape
    assert tuple(shape) == (1, *size)  # predictions come back at the size of the file
    metric = OrdinalMetric()
    metric.process(batch, [{"inverse_depth": torch.from_numpy(values)[None]}])
    scores = metric.evaluate(1)
    expected = values[rows[:, 0], columns[:, 0]] > values[rows[:, 1], columns[:, 1]]
    assert metric.rows.values[:, 0].tolist() == expected.tolist()
    assert scores["ordinal"] == pytest.approx(expected.mean())


def test_points_follow_a_flip(root):
    flip = [dict(type="RandomHorizontalFlip", prob=1.0), *RESIZED]
    _, scores = evaluate(root, rising("inverse_depth", -1.0), flip)
    assert scores == pytest.approx(BY_HAND)


def test_images_are_turned_upright_as_the_points_are(tmp_path):
    """A JPEG of 40x64 with EXIF orientation 6 shows 64x40; without EXIF the points would lie outside."""
    from PIL import Image

    pair = {"point1": [60, 30], "point2": [2, 3], "closer_point": "point1"}
    path = tmp_path / "images/outdoor/a.jpg"
    path.parent.mkdir(parents=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((40, 64, 3), np.uint8)).save(path, exif=exif)
    (tmp_path / "annotations.json").write_text(json.dumps({"images/outdoor/a.jpg": [pair]}))
    sample = DA2KDataset(str(tmp_path), pipeline=PACK)[0]
    assert sample["image"].shape == (3, 64, 40) and sample["size"].tolist() == [64, 40]
    assert sample["point_pairs"].tolist() == [[[30, 60], [3, 2]]]


def test_swapped_rows_and_columns_are_told(tmp_path):
    swapped = {"images/s/a.png": [{"point1": [60, 10], "point2": [5, 10], "closer_point": "point1"}]}
    dataset = DA2KDataset(str(write(tmp_path, swapped)), pipeline=PACK)
    user_error(lambda: dataset[0], "images/s/a.png: pair 1: the pair (x, y) = (10, 60), (10, 5)", "is 40x64 upright")


PAIR = {"point1": [1, 2], "point2": [3, 4], "closer_point": "point1"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", ["no readable JSON"]),
        ("[" * 100_000, ["no readable JSON"]),
        ("[]", ["holds []", '"closer_point": "point1"']),
        ("{}", ["holds {}"]),
        ({"a.png": {}}, ["a.png: has {}, expected a list of pairs"]),
        ({"a.png": [PAIR, PAIR | {"point2": [3]}]}, ["a.png: pair 2: point2 is [3], expected [row, column]"]),
        ({"a.png": [PAIR | {"point1": [True, 2]}]}, ["pair 1: point1 is [True, 2]"]),
        ({"a.png": [PAIR | {"point1": [float("nan"), 2]}]}, ["pair 1: point1 is [nan, 2]"]),
        (
            {"a.png": [{"point1": [1, 2], "point2": [3, 4]}]},
            ["pair 1: closer_point is None, expected point1 or point2"],
        ),
        ({"a.png": [PAIR | {"closer_point": 1}]}, ["closer_point is 1"]),
        ({"a.png": [7]}, ["pair 1: point1 is None"]),
        ({"images/s/a.png": [PAIR]}, ["1 of 1 frames are not in", "set data_root"]),
    ],
)
def test_bad_annotations_are_one_line(tmp_path, content, words):
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "annotations.json").write_text(text)
    user_error(lambda: DA2KDataset(str(tmp_path)), "annotations.json", *words)


def test_missing_files_and_scenes_are_told(root):
    user_error(lambda: DA2KDataset(str(root / "nowhere")), "annotations.json: cannot be read", "DA-2K/nowhere")
    user_error(lambda: DA2KDataset(str(root), scenes=["indor"]), "has no scene 'indor'", "did you mean 'indoor'?")
    (root / "images/indoor/b.png").unlink()
    with pytest.warns(UserWarning, match=r"1 of 3 frames are not in .*images/indoor/b.png; they are left out"):
        assert len(DA2KDataset(str(root))) == 2


def test_a_list_of_ones_own_gives_the_same(root):
    lines = ["image,x1,y1,x2,y2"]
    for name, pairs in ANNOTATIONS.items():
        for pair in pairs:
            order = ("point1", "point2") if pair["closer_point"] == "point1" else ("point2", "point1")
            (y1, x1), (y2, x2) = (pair[point] for point in order)
            lines.append(f"{name},{x1},{y1},{x2},{y2}")
    (root / "pairs.csv").write_text("\n".join(lines))
    ours, theirs = PointPairDataset(str(root), pipeline=PACK), DA2KDataset(str(root), pipeline=PACK)
    assert len(ours) == len(theirs)
    for index in range(3):
        assert ours[index]["point_pairs"].tolist() == theirs[index]["point_pairs"].tolist()
        assert ours[index]["meta"] == theirs[index]["meta"]
    check_dataset(PointPairDataset(str(root), pipeline=SMALL))
    (root / "few.txt").write_text("images/indoor/a.png 1 2 3 4\nimages/indoor/b.png\n")
    with pytest.raises(UserError, match="few.txt:2"):
        PointPairDataset(str(root), "few")
    user_error(lambda: PointPairDataset(str(root), "none"), "there is no list", "none.txt or", "image x1 y1 x2 y2")
