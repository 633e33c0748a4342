"""The configs that benchmarks/relative writes for its students."""

import copy

import pytest
from support.paths import ROOT

from benchmarks.relative.scores import table
from benchmarks.relative.students import V1, V2, changed, student_config
from mdetools.engine.configs.loading import load_config

ROWS = [(kind, title, row) for kind, rows in (("v2", V2), ("v1", V1)) for title, row in rows.items()]


@pytest.fixture(scope="module")
def teacher():
    return load_config(str(ROOT / "configs/relative/teacher_small.py"), None, [("rooms", "r"), ("streets", "s")])


@pytest.mark.parametrize("kind, title, row", ROWS, ids=lambda value: value if isinstance(value, str) else "")
def test_each_row_is_a_config(kind, title, row, teacher, tmp_path):
    changes = changed(student_config(kind, teacher, "teacher.pth", tmp_path), row, frames=260)
    base = str(ROOT / f"configs/relative/student_{kind}_small.py")
    path = tmp_path / "student.py"
    path.write_text(f"_base_ = [{base!r}]\n" + "".join(f"{key} = {value!r}\n" for key, value in changes.items()))
    cfg = load_config(str(path))
    assert cfg.model.backbone == teacher.model.backbone and cfg.model.head == teacher.model.head
    losses = {name for name, loss in cfg.model.losses.items() if loss is not None}
    assert ("features" in losses) == (cfg.model.data_preprocessor.steps.features is not None) == ("features" in title)
    if kind == "v2":
        assert cfg.train_dataloader.dataset.labels == str(tmp_path / "labels")
        return
    parts = cfg.train_dataloader.dataset.datasets
    assert parts.labelled.datasets.rooms.data_root == "r" and parts.labelled.datasets.streets.data_root == "s"
    assert ("unlabelled" in losses) == (parts.unlabelled.type == "ImageFolderDataset") == (title != "labelled only")
    steps = cfg.model.data_preprocessor.steps
    strong = steps.cut_mix is not None
    assert strong == (title.startswith("+ strong") or "features" in title)
    if parts.unlabelled.type == "SubsetDataset":
        assert parts.unlabelled.dataset == parts.labelled and parts.unlabelled["count"] == 260
    else:
        assert strong == (parts.unlabelled.pipeline.colours is not None)
        assert parts.unlabelled.pipeline.resize == parts.labelled.datasets.rooms.pipeline.resize


def test_rows_leave_the_config_that_they_change(teacher, tmp_path):
    config = student_config("v1", teacher, "teacher.pth", tmp_path)
    before = copy.deepcopy(config)
    changed(config, V1["labelled only"], frames=260)
    assert config == before


def test_a_table_has_paired_differences():
    rows = {"teacher": [{"kitchen": [0.2, 0.4], "nyu": [0.3], "street": [0.1, 0.1]}]}
    rows["student"] = [
        {"kitchen": [0.1, 0.3], "nyu": [0.3], "street": [0.2, 0.2]},
        {"kitchen": [0.1, 0.3], "nyu": [0.3], "street": [0.4, 0.4]},
    ]
    line = table(rows, "teacher").splitlines()[-1]
    assert line.startswith("| student | 0.2000 (-0.1000, -0.1000..-0.1000) |")
    assert line.endswith("| 0.3000 (+0.2000, +0.2000..+0.2000) |")
