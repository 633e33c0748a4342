"""What tools/test.py does with evaluators of several kinds."""

import copy
from pathlib import Path

import pytest
from mmengine.evaluator import BaseMetric

from mdetools.engine.baseline import compare_with_baseline, run_baseline
from mdetools.engine.configs.evaluators import depth_metrics_of, metrics_of, set_out_files
from mdetools.engine.configs.loading import load_config
from mdetools.engine.testing import apply_test_options
from mdetools.errors import UserError
from mdetools.evaluation import DEPTH_ERRORS
from mdetools.registry import METRICS

DEPTH, OTHER = {"type": "DepthMetric", "protocol": "nyu"}, {"type": "OtherMetric"}


@METRICS.register_module()
class OtherMetric(BaseMetric):
    """A metric that takes nothing of a DepthMetric's."""

    def process(self, data_batch, data_samples):
        self.results += data_samples

    def compute_metrics(self, results):
        return {"count": len(results)}


@METRICS.register_module()
class WritingMetric(OtherMetric):
    """A metric of another kind that writes a file."""

    def __init__(self, out_file=None):
        super().__init__()
        self.out_file = out_file


def after_options(config, folder, evaluator, **options):
    """The evaluator after the command line; its metrics can be built."""
    cfg = load_config(str(config))
    cfg.test_evaluator = copy.deepcopy(evaluator)
    apply_test_options(cfg, "model.pth", str(folder), **options)
    for entry in metrics_of(cfg.test_evaluator):
        METRICS.build(entry)
    return cfg.test_evaluator


@pytest.mark.parametrize("evaluator", [OTHER, [OTHER], {"metrics": [OTHER]}])
def test_an_evaluator_without_a_depth_metric_is_left_alone(tiny_nyu, tmp_path, evaluator):
    assert after_options(tiny_nyu, tmp_path, evaluator) == evaluator


@pytest.mark.parametrize(
    "options, message",
    [
        ({"protocol": "nyu_eigen"}, "--protocol: no metric of test_evaluator takes a 'protocol', expected one"),
        ({"out": "results.json"}, "--out: no metric of test_evaluator takes a 'out_file', expected one"),
        ({"baseline": True}, "--baseline: test_evaluator has no DepthMetric, expected one"),
    ],
)
def test_an_option_that_no_metric_takes_is_refused(tiny_nyu, tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        after_options(tiny_nyu, tmp_path, [OTHER], **options)
    with pytest.raises(UserError, match=message):
        after_options(tiny_nyu, tmp_path, None, **options)


def test_a_baseline_needs_a_training_set(tiny_nyu):
    cfg = load_config(str(tiny_nyu))
    cfg.train_dataloader = None
    with pytest.raises(UserError, match="--baseline: the config has no train_dataloader"):
        run_baseline(cfg)


def test_of_a_list_the_depth_metric_gets_the_options(tiny_nyu, tmp_path):
    out = str(tmp_path / "out.json")
    changed = DEPTH | {"protocol": "nyu_eigen", "out_file": out}
    assert after_options(tiny_nyu, tmp_path, [OTHER, DEPTH], protocol="nyu_eigen", out=out) == [OTHER, changed]
    assert depth_metrics_of({"metrics": [OTHER, DEPTH]}) == [DEPTH] == depth_metrics_of({"metrics": DEPTH})


def test_a_metric_of_any_class_gets_what_its_class_takes(tiny_nyu, tmp_path):
    """Without a prefix, the file that one writes already gets the name of the other's class."""
    out = tmp_path / "out.json"
    depth, boundary, other = after_options(
        tiny_nyu, tmp_path, [DEPTH, {"type": "WritingMetric"}, OTHER], protocol="nyu_eigen", out=str(out)
    )
    assert depth == {"type": "DepthMetric", "protocol": "nyu_eigen", "out_file": str(out)}
    assert boundary == {"type": "WritingMetric", "out_file": str(tmp_path / "out_WritingMetric.json")}
    assert other == OTHER


def test_a_depth_metric_without_depth_errors_is_none_of_the_baseline():
    assert depth_metrics_of([DEPTH | {"measures": ["boundaries"]}, DEPTH | {"measures": ["depth_errors"]}]) == [
        DEPTH | {"measures": ["depth_errors"]}
    ]
    assert metrics_of(None) == depth_metrics_of(None) == []


def test_several_depth_metrics_do_not_write_over_each_other(tiny_nyu, tmp_path):
    plain, eigen = after_options(tiny_nyu, tmp_path, [DEPTH, DEPTH | {"protocol": "nyu_eigen", "prefix": "eigen"}])
    assert plain["out_file"] == str(tmp_path / "results.json")
    assert (eigen["out_file"], eigen["protocol"]) == (str(tmp_path / "results_eigen.json"), "nyu_eigen")


def test_the_baseline_stands_beside_the_depth_metrics_own_scores(tiny_nyu):
    cfg = load_config(str(tiny_nyu))
    cfg.test_evaluator = [OTHER, DEPTH | {"prefix": "eigen"}]
    _, of_constant = run_baseline(cfg)
    scores = {"count": 5} | {f"eigen/{name}": 0.5 * of_constant["abs_rel"] for name in DEPTH_ERRORS}
    table = compare_with_baseline(cfg, scores)
    assert table.splitlines()[-1].startswith("abs_rel: 0.50 of the constant predictor's, whose 95 % bootstrap")
    assert next(line for line in table.splitlines() if "model" in line).split()[1:] == [
        f"{0.5 * of_constant['abs_rel']:.4f}"
    ] * len(DEPTH_ERRORS)
    cfg.test_evaluator = OTHER
    with pytest.raises(UserError, match="--baseline: test_evaluator has no DepthMetric"):
        run_baseline(cfg)


def test_each_of_many_metrics_has_a_file_of_its_own(tmp_path):
    metrics = [{"type": "DepthMetric", "prefix": "nyu/eigen"}, *({"type": kind} for kind in [WritingMetric] * 3)]
    assert [Path(file).name for file in set_out_files(metrics, tmp_path / "out.json")] == [
        "out_nyu_eigen.json",
        "out.json",
        "out_WritingMetric.json",
        "out_WritingMetric_2.json",
    ]
