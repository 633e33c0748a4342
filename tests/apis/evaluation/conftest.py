"""Models to evaluate, and the tool that does it."""

import json

import pytest
from support.evaluation import write_weights

from mdetools.engine.configs.loading import load_config

RELATIVE = """
_base_ = ["{base}"]
model = dict(
    head=dict(output=dict(_delete_=True, type="ReluInverseDepth")),
    losses=dict(silog=None, affine_invariant=dict(type="AffineInvariantLoss")),
)
"""


@pytest.fixture(scope="module")
def models(tiny_nyu, tmp_path_factory):
    """Two metric models and a relative one, as `--models` takes them, and the folder that they are in."""
    folder = tmp_path_factory.mktemp("models")
    relative = folder / "relative.py"
    relative.write_text(RELATIVE.format(base=tiny_nyu))
    one, two = (write_weights(tiny_nyu, folder / f"{name}.pth", seed) for seed, name in enumerate(("one", "two")))
    three = write_weights(relative, folder / "three.pth", 3)
    return {"one": f"{tiny_nyu}:{one}", "two": f"{tiny_nyu}:{two}", "relative": f"{relative}:{three}", "folder": folder}


@pytest.fixture(scope="module")
def data(tiny_nyu):
    return load_config(str(tiny_nyu)).test_dataloader.dataset.data_root


@pytest.fixture
def evaluate(run_tool, tmp_path):
    """Runs the tool, without loader processes; gives what it printed and what it wrote."""

    def call(*words, code=0):
        found, printed, errors = run_tool("evaluate", *words, "--workers", 0, "--out", tmp_path / "out")
        assert found == code, errors
        return (printed, json.loads((tmp_path / "out/results.json").read_text())) if code == 0 else errors

    return call
