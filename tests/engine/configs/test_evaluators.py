"""What tools/test.py does with evaluators of several kinds."""

import copy

import pytest
from mmengine.evaluator import BaseMetric

from mdetools.engine.configs.evaluators import depth_metrics_of, depth_scores
from mdetools.engine.configs.loading import load_config
from mdetools.engine.launch import apply_test_options, compare_with_baseline, run_baseline
from mdetools.errors import UserError
from mdetools.evaluation import METRIC_NAMES
from mdetools.registry import METRICS

DEPTH, OTHER = {"type": "DepthMetric", "protocol": "nyu"}, {"type": "OtherMetric"}


@METRICS.register_module()
class OtherMetric(BaseMetric):
    """A metric that takes nothing of a DepthMetric's."""

    def process(self, data_batch, data_samples):
        self.results += data_samples

    def compute_metrics(self, results):
        return {"count": len(results)}


def after_options(config, folder, evaluator, **options):
    """The evaluator after the command line; its metrics can be built."""
    cfg = load_config(str(config))
    cfg.test_evaluator = copy.deepcopy(evaluator)
    apply_test_options(cfg, "model.pth", str(folder), **options)
    entries = cfg.test_evaluator if isinstance(evaluator, list) else [cfg.test_evaluator]
    for entry in entries:
        if "metrics" not in entry:
            METRICS.build(entry)
    return cfg.test_evaluator


@pytest.mark.parametrize("evaluator", [OTHER, [OTHER], {"metrics": [OTHER]}])
def test_an_evaluator_without_a_depth_metric_is_left_alone(tiny_nyu, tmp_path, evaluator):
    assert after_options(tiny_nyu, tmp_path, evaluator) == evaluator


@pytest.mark.parametrize("options", [{"protocol": "nyu_eigen"}, {"out": "results.json"}, {"baseline": True}])
def test_without_a_depth_metric_what_needs_one_is_refused(tiny_nyu, tmp_path, options):
    with pytest.raises(UserError, match=f"--{next(iter(options))}: test_evaluator has no DepthMetric"):
        after_options(tiny_nyu, tmp_path, [OTHER], **options)


def test_of_a_list_the_depth_metric_gets_the_options(tiny_nyu, tmp_path):
    out = str(tmp_path / "out.json")
    changed = DEPTH | {"protocol": "nyu_eigen", "out_file": out}
    assert after_options(tiny_nyu, tmp_path, [OTHER, DEPTH], protocol="nyu_eigen", out=out) == [OTHER, changed]
    assert depth_metrics_of({"metrics": [OTHER, DEPTH]}) == [DEPTH] == depth_metrics_of({"metrics": DEPTH})


def test_several_depth_metrics_do_not_write_over_each_other(tiny_nyu, tmp_path):
    plain, eigen = after_options(tiny_nyu, tmp_path, [DEPTH, DEPTH | {"protocol": "nyu_eigen", "prefix": "eigen"}])
    assert plain["out_file"] == str(tmp_path / "results.json")
    assert (eigen["out_file"], eigen["protocol"]) == (str(tmp_path / "results_eigen.json"), "nyu_eigen")


def test_the_baseline_stands_beside_the_depth_metrics_own_scores(tiny_nyu):
    cfg = load_config(str(tiny_nyu))
    cfg.test_evaluator = [OTHER, DEPTH | {"prefix": "eigen"}]
    _, of_constant = run_baseline(cfg)
    scores = {"count": 5} | {f"eigen/{name}": 0.5 * of_constant["abs_rel"] for name in METRIC_NAMES}
    assert depth_scores(cfg.test_evaluator[1], scores) == dict.fromkeys(METRIC_NAMES, 0.5 * of_constant["abs_rel"])
    assert compare_with_baseline(cfg, scores).splitlines()[-1] == "abs_rel: 0.50 of the constant predictor's"
    cfg.test_evaluator = OTHER
    with pytest.raises(UserError, match="--baseline: test_evaluator has no DepthMetric"):
        run_baseline(cfg)
