"""The examples in docstrings are run, and those functions have one that people call first."""

import doctest
import importlib
import pkgutil

import pytest

import mdetools
import mdetools.contract
import mdetools.evaluation
import mdetools.geometry
import mdetools.testing
from mdetools import registry
from mdetools.apis import DepthInferencer
from mdetools.datasets import KITTIDataset, NYUDataset
from mdetools.datasets.collation import fill_missing
from mdetools.datasets.transforms.working_sample import transform_fields
from mdetools.engine.configs.loading import load_config
from mdetools.engine.optim.schedules import cosine_factor
from mdetools.errors import suggest
from mdetools.files import replacing
from mdetools.models import Estimator
from mdetools.models.losses import affine_invariant_loss, silog_loss
from mdetools.visualization import colorize

MODULES = [info.name for info in pkgutil.walk_packages(mdetools.__path__, "mdetools.")]
EXAMPLES = {name: doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name)) for name in MODULES}
CALLED_FIRST = [
    load_config,
    registry.Registry.build,
    Estimator,
    NYUDataset,
    KITTIDataset,
    DepthInferencer,
    silog_loss,
    affine_invariant_loss,
    transform_fields,
    fill_missing,
    mdetools.contract.names_of,
    mdetools.contract.quantity_of,
    mdetools.evaluation.get_protocol,
    mdetools.evaluation.depth_errors,
    mdetools.evaluation.Rows,
    mdetools.evaluation.format_table,
    mdetools.geometry.masked_mean,
    mdetools.geometry.warp_horizontally,
    mdetools.geometry.depth_to_disparity,
    mdetools.testing.example_targets,
    colorize,
    cosine_factor,
    suggest,
    replacing,
]


@pytest.mark.parametrize("module", [name for name, found in EXAMPLES.items() if any(one.examples for one in found)])
def test_examples_run(module, monkeypatch, pytestconfig):
    monkeypatch.chdir(pytestconfig.rootpath)  # configs are named from there
    runner = doctest.DocTestRunner(verbose=False)
    output = []
    for example in EXAMPLES[module]:
        runner.run(example, out=output.append)
    assert runner.failures == 0, "".join(output)


@pytest.mark.parametrize("thing", CALLED_FIRST, ids=lambda thing: thing.__qualname__)
def test_what_people_call_first_has_an_example(thing):
    assert ">>>" in thing.__doc__
