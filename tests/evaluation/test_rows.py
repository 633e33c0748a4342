import json

import numpy as np
import pytest

from mdetools.evaluation import METRIC_NAMES, PROTOCOLS, format_table, mean_over_images, write_results


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
    rows = np.arange(3 * (len(METRIC_NAMES) + 1), dtype=float).reshape(3, -1)
    rows[1, -1] = 0
    mean = mean_over_images(rows, PROTOCOLS["nyu"])
    assert list(mean.values()) == pytest.approx([(rows[0, i] + rows[2, i]) / 2 for i in range(len(METRIC_NAMES))])


def test_a_failed_write_leaves_the_last_results(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    rows = np.ones((1, len(METRIC_NAMES) + 1))
    mean = mean_over_images(rows, PROTOCOLS["nyu"])
    write_results(path, PROTOCOLS["nyu"], mean, ["a"], rows)

    def no_space(self, text, encoding):
        with self.open("w", encoding=encoding) as file:
            file.write(text[: len(text) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", no_space)
    with pytest.raises(OSError, match="No space"):
        write_results(path, PROTOCOLS["nyu"], mean, ["b"], rows)
    assert json.loads(path.read_text())["per_image"][0]["id"] == "a"
