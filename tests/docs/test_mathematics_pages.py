"""The pages of losses and metrics have all that there is, with the arguments that it has."""

import ast
import inspect
import re

import pytest
from support.paths import ROOT

import mdetools.models.losses  # noqa: F401  # registers them
from mdetools.evaluation import FITTED_BASELINES
from mdetools.evaluation.alignments import ALIGNMENTS
from mdetools.evaluation.functional import DEPTH_ERRORS, SILOG_DEFINITIONS
from mdetools.evaluation.measures import MEASURE_FAMILIES, MEASURES
from mdetools.registry import LOSSES

LOSSES_PAGE, METRICS_PAGE = (ROOT / "docs" / f"{name}.md" for name in ("losses", "metrics"))
OWN = {name: loss for name, loss in LOSSES.module_dict.items() if loss.__module__.startswith("mdetools.")}


@pytest.mark.parametrize("name", OWN)
def test_a_loss_has_a_heading_with_its_arguments(name):
    headings = re.findall(r"^##+ (.*)$", LOSSES_PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    shown = [found for heading in headings for found in re.findall(rf"`{name}\((.*?)\)`", heading)]
    assert len(shown) == 1, f"docs/losses.md has {len(shown)} headings of {name}, expected one"
    arguments = ast.parse(f"f({shown[0]})", mode="eval").body.keywords
    known = [(one.name, one.default) for one in inspect.signature(OWN[name]).parameters.values()]
    assert [(one.arg, ast.literal_eval(one.value)) for one in arguments] == known


@pytest.mark.parametrize(
    "table", [DEPTH_ERRORS, MEASURES, MEASURE_FAMILIES, ALIGNMENTS, SILOG_DEFINITIONS, FITTED_BASELINES]
)
def test_the_metrics_page_has_each_name(table):
    text = METRICS_PAGE.read_text(encoding="utf-8")
    missing = [name for name in table if name != "depth_errors" and f"`{name}`" not in text]
    assert not missing
