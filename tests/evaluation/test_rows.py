import csv
import json

import numpy as np
import pytest

from mdetools.errors import UserError
from mdetools.evaluation import Rows, bootstrap_interval, format_means, format_table, write_results

IDS, COLUMNS = ["a", "b", "c"], ["abs_rel", "d1"]
TABLE = [[0.5, 0.25, 100], [9.0, 9.0, 0], [0.125, 0.75, 1]]  # the second image has no pixel


def test_table_lines_up():
    rows = [
        {"model": "constant", "abs_rel": 0.4321987, "rmse": 12.5},
        {"model": "ours", "abs_rel": 0.1, "rmse": float("nan")},
    ]
    assert format_table(rows).split("\n") == [
        "model     abs_rel     rmse",
        "--------------------------",
        "constant   0.4322  12.5000",
        "ours       0.1000      nan",
    ]


def test_mean_leaves_images_without_pixels_out():
    rows = Rows.of_table(IDS, COLUMNS, TABLE)
    assert rows.mean() == {"abs_rel": 0.3125, "d1": 0.5}  # images weigh alike, however many pixels they have
    assert rows.empty == ["b"]


def test_no_image_with_a_pixel_is_an_error():
    for ids, table in ((["a"], [[1, 2, 0]]), ([], [])):
        with pytest.raises(UserError, match=f"none of {len(ids)} images has anything in 'valid_pixels'"):
            Rows.of_table(ids, COLUMNS, table).mean()


def test_json_has_null_where_a_measure_is_undefined(tmp_path):
    rows = Rows.of_table(IDS, COLUMNS, [[0.5, float("nan"), 100], *TABLE[1:]])
    write_results(
        tmp_path / "new" / "results.json", rows, {"abs_rel": 0.3125, "d1": float("nan")}, {"protocol": "mine"}
    )
    content = json.loads((tmp_path / "new" / "results.json").read_text())
    assert content == {
        "protocol": "mine",
        "num_images": 3,
        "num_skipped": 1,
        "mean": {"abs_rel": 0.3125, "d1": None},
        "per_image": [
            {"id": "a", "valid_pixels": 100, "abs_rel": 0.5, "d1": None},
            {"id": "b", "valid_pixels": 0, "abs_rel": None, "d1": None},
            {"id": "c", "valid_pixels": 1, "abs_rel": 0.125, "d1": 0.75},
        ],
    }


def test_csv_has_the_rows(tmp_path):
    rows = Rows.of_table(IDS, COLUMNS, TABLE)
    write_results(tmp_path / "results.csv", rows, rows.mean(), {})
    with (tmp_path / "results.csv").open() as file:
        read = list(csv.reader(file))
    assert read == [
        ["id", "valid_pixels", "abs_rel", "d1"],
        ["a", "100", "0.5", "0.25"],
        ["b", "0", "", ""],
        ["c", "1", "0.125", "0.75"],
    ]


def test_a_failed_write_leaves_the_last_results(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    rows = Rows.of_table(IDS, COLUMNS, TABLE)
    write_results(path, rows, rows.mean(), {})
    before = path.read_bytes()

    def no_space(self, text, encoding):
        with self.open("w", encoding=encoding) as file:
            file.write(text[: len(text) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", no_space)
    with pytest.raises(UserError, match=r"results.json: cannot be written \(the disk is full\)"):
        write_results(path, rows, rows.mean(), {"protocol": "another"})
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_the_interval_is_of_the_images_that_count():
    rows = Rows.of_table(IDS, COLUMNS, TABLE)
    low, high = bootstrap_interval(np.array([TABLE[0][:2], TABLE[2][:2]]))
    assert rows.interval() == {"abs_rel": (low[0], high[0]), "d1": (low[1], high[1])}
    assert format_means(rows).split("\n") == [
        "           abs_rel      d1",
        "--------------------------",
        "mean        0.3125  0.5000",
        "95 % from   0.1250  0.2500",
        "to          0.5000  0.7500",
    ]
