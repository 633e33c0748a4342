"""Follows docs/add_a_component.md to the letter: its code blocks make the package that is found in three ways."""

import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "add_a_component.md"
KINDS = ["TinyBackbone", "TinyHead", "HuberDepthLoss", "FolderOfPairs", "RandomShiftCrop", "DepthBias"]

USE = """
import sys
import torch
from mdetools.engine.config import load_config
from mdetools.registry import BACKBONES, DATASETS, METRICS, MODELS

known_before = "TinyBackbone" in BACKBONES.names()
cfg = load_config(sys.argv[1])
model = MODELS.build(cfg.model)
dataset = DATASETS.build(cfg.val_dataloader.dataset)
metric = METRICS.build(cfg.val_evaluator)
found = [model.backbone, model.head, model.losses["huber"], dataset, dataset.transforms[0], metric]
assert model(torch.zeros(1, 3, 32, 48), mode="tensor")["depth"].shape == (1, 1, 32, 48)
assert tuple(dataset[1]["depth"].shape) == (1, 32, 48)
print(known_before, [f"{type(one).__module__}.{type(one).__name__}" for one in found])
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The page's files, and the data that its configs name."""
    folder = tmp_path_factory.mktemp("depth_extras")
    for path, code in re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", PAGE.read_text(), flags=re.DOTALL):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)
    pairs = folder / "data" / "pairs"
    pairs.mkdir(parents=True)
    for name in "ab":
        cv2.imwrite(str(pairs / f"{name}.png"), np.zeros((40, 60, 3), np.uint8))
        np.save(pairs / f"{name}.npy", np.ones((40, 60), np.float32))
    return folder


@pytest.fixture(scope="module")
def installed(package, tmp_path_factory):
    """A folder for the path with what an installer would put there: the package's metadata."""
    site = tmp_path_factory.mktemp("site")
    metadata = site / "depth_extras-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: depth-extras\nVersion: 1.0\n")
    group, line = re.search(
        r'\[project\.entry-points\."(.+)"\]\n(\w+) = "\w+"', (package / "pyproject.toml").read_text()
    ).groups()
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{line} = depth_extras\n")
    return site


def run(arguments, folder, *path):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [*path, ROOT])), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


def assert_found(result, before):
    """All six are the package's own; `before`: already known before a config was read."""
    assert result.returncode == 0, result.stderr
    modules = ["backbone", "head", "loss", "dataset", "transform", "metric"]
    expected = [f"depth_extras.{module}.{kind}" for module, kind in zip(modules, KINDS, strict=True)]
    assert result.stdout.splitlines()[-1] == f"{before} {expected}"


def without_custom_imports(package):
    config = package / "configs" / "tiny_installed.py"
    text = (package / "configs" / "tiny.py").read_text()
    config.write_text(text.replace('custom_imports = dict(imports=["depth_extras"])\n', ""))
    assert config.read_text() != text
    return config


def test_found_by_custom_imports(package):
    assert_found(run(["-c", USE, "configs/tiny.py"], package, package), before=False)


def test_found_by_entry_point(package, installed):
    assert_found(run(["-c", USE, without_custom_imports(package)], package, package, installed), before=True)


def test_found_by_dotted_path(package):
    assert_found(run(["-c", USE, "configs/tiny_dotted.py"], package, package), before=False)


def test_the_pages_own_tests_pass(package, installed):
    result = run(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"], package, package, installed)
    assert result.returncode == 0, result.stdout
    assert "5 passed" in result.stdout


def test_the_pages_code_is_clean(package):
    ruff = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "ruff.toml"), "--ignore", "I", "depth_extras"]
    result = subprocess.run(ruff, cwd=package, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
