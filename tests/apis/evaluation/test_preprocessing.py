"""A model's Resize in another data set's pipeline, and the protocols of a pass."""

import pytest
from mmengine.config import Config

from mdetools.apis.evaluation.metrics import check_protocols, metric_configs, protocol_under
from mdetools.apis.evaluation.preprocessing import with_resize
from mdetools.apis.inference.preparing import resize_config
from mdetools.datasets.transforms import Resize
from mdetools.errors import UserError
from mdetools.evaluation import PROTOCOLS, get_protocol

OWN = {"type": "Resize", "size": 98, "multiple_of": 14, "resize_depth": True}
PACK = {"type": "PackSample"}


def test_the_models_resize_replaces_the_data_sets_wherever_it_stands():
    crop, theirs = {"type": "BenchmarkCrop"}, {"type": "mdetools.x.Resize", "size": 518, "resize_depth": False}
    leaf = {"type": "KITTIDataset", "pipeline": {"crop": crop, "size": theirs, "gone": None, "pack": PACK}}
    changed = with_resize({"type": "SubsetDataset", "count": 3, "dataset": leaf}, OWN)
    expected = {"crop": crop, "size": {**OWN, "resize_depth": False}, "gone": None, "pack": PACK}
    assert changed == {"type": "SubsetDataset", "count": 3, "dataset": {**leaf, "pipeline": expected}}
    assert list(changed["dataset"]["pipeline"]) == ["crop", "size", "gone", "pack"]
    assert leaf["pipeline"]["size"] == theirs  # the original is left alone
    # A truth that is evaluated at the network's size stays so.
    without = {key: value for key, value in theirs.items() if key != "resize_depth"}
    assert with_resize({"type": "X", "pipeline": [without, PACK]}, OWN)["pipeline"][0] == {
        "type": "Resize",
        "size": 98,
        "multiple_of": 14,
    }


def test_without_a_resize_it_comes_before_the_packing_and_leaves_the_truth_alone():
    parts = {"a": {"type": "X", "pipeline": [PACK]}, "b": None, "c": {"type": "Y"}}
    changed = with_resize({"type": "ConcatDataset", "datasets": parts}, OWN)["datasets"]
    assert changed == {
        "a": {"type": "X", "pipeline": [{**OWN, "resize_depth": False}, PACK]},
        "b": None,
        "c": {"type": "Y"},
    }
    named = with_resize({"type": "X", "pipeline": {"pack": PACK}}, OWN)["pipeline"]
    assert list(named) == ["resize", "pack"]


def test_none_takes_it_out():
    leaf = {"type": "X", "pipeline": {"resize": OWN, "pack": PACK}}
    assert with_resize(leaf, None)["pipeline"] == {"pack": PACK}
    assert with_resize({"type": "X", "pipeline": [PACK]}, None)["pipeline"] == [PACK]


def test_a_resize_by_its_class_is_one_too():
    """Else images would be resized twice."""
    theirs = {"type": Resize, "size": 518, "resize_depth": False}
    leaf = {"type": "X", "pipeline": [theirs, PACK]}
    assert with_resize(leaf, OWN)["pipeline"] == [{**OWN, "resize_depth": False}, PACK]
    assert with_resize(leaf, None)["pipeline"] == [PACK]
    cfg = Config({"test_dataloader": {"dataset": leaf}})
    assert resize_config(cfg) == theirs


def test_a_models_resize_is_found_in_wrappers_and_missed_in_words():
    nested = {"type": "SubsetDataset", "dataset": {"type": "X", "pipeline": {"r": OWN, "p": PACK}}}
    assert resize_config(Config({"test_dataloader": {"dataset": nested}})) == OWN
    for loader in ({"dataset": {"type": "X", "pipeline": [PACK]}}, None):
        with pytest.raises(UserError, match=r"the config has no Resize in test_dataloader.dataset.pipeline"):
            resize_config(Config({"test_dataloader": loader}))


@pytest.mark.parametrize(
    ("usual", "name", "expected"),
    [
        ("nyu", "default", "nyu"),
        ("nyu", "none", "nyu"),
        ("nyu", "lstsq_disparity", "nyu_lstsq_disparity"),
        ("kitti_garg_80", "lstsq_disparity", "kitti_garg_80_lstsq_disparity"),
        ("kitti_garg_80", "median_depth", "kitti_garg_80_median_depth"),
        ("nyu", "kitti_eigen_80", "kitti_eigen_80"),
    ],
)
def test_an_alignment_keeps_the_pixels_of_the_data_sets_protocol(usual, name, expected):
    usual = get_protocol(usual)
    found = protocol_under(usual, name)
    assert found.name == expected
    if expected in PROTOCOLS:
        assert found == PROTOCOLS[expected]
    else:
        assert (found.min_depth, found.max_depth, found.crop) == (usual.min_depth, usual.max_depth, usual.crop)
        assert found.alignment == name


def test_ones_own_protocol_is_aligned_under_a_name_that_says_so():
    own = get_protocol(dict(name="lab", min_depth=0.1, max_depth=3.0))
    aligned = protocol_under(own, "lstsq_depth")
    assert (aligned.name, aligned.alignment, aligned.max_depth) == ("lab_lstsq_depth", "lstsq_depth", 3.0)
    # A protocol of that name with other caps is another one.
    near = protocol_under(get_protocol(dict(base="nyu", max_depth=5.0, name="nyu")), "lstsq_disparity")
    assert near.max_depth == 5.0


def test_each_metric_of_depth_is_there_once_for_each_protocol_and_others_once():
    metrics = [
        {"type": "DepthMetric", "protocol": "nyu", "out_file": "x.json", "prefix": "p"},
        {"type": "mmengine.evaluator.DumpResults", "out_file_path": "x.pkl"},
    ]
    wanted = check_protocols(["default", "none", "lstsq_disparity", "b=median_depth"], ["a", "b"])
    configs = metric_configs(metrics, "a", wanted, ["depth_errors"])
    assert [config.get("protocol", {}).get("name") for config in configs] == ["nyu", "nyu_lstsq_disparity", None]
    assert configs[0]["measures"] == ("depth_errors",) and not {"out_file", "prefix"} & configs[0].keys()
    assert configs[2] == metrics[1]
    names = [config.get("protocol", {}).get("name") for config in metric_configs(metrics, "b", wanted)]
    assert names == ["nyu", "nyu_lstsq_disparity", "nyu_median_depth", None]
    # A data set that no protocol is for keeps its own.
    only = check_protocols(["b=median_depth"], ["a", "b"])
    assert metric_configs(metrics[:1], "a", only)[0]["protocol"]["name"] == "nyu"
