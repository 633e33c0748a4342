"""The page of the model zoo says what the configs are."""

import importlib.util
import re

import pytest
from support.paths import ROOT


@pytest.fixture(scope="module")
def zoo():
    """The script that writes it."""
    spec = importlib.util.spec_from_file_location("zoo", ROOT / "benchmarks" / "zoo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGE = (ROOT / "docs" / "zoo.md").read_text(encoding="utf-8")
ROWS = {line.split("`")[1]: line for line in PAGE.splitlines() if line.startswith("| `")}
MILLIONS = {"vits": 24.8, "vitb": 97.5, "vitl": 335.3, "vitg": 1300}  # as published


def test_every_config_and_its_command_are_there(zoo):
    assert list(ROWS) == zoo.configs()
    commands = PAGE.partition("```text\n")[2].splitlines()
    assert [command for command in commands if command != "```"] == [zoo.opening(name)[0] for name in ROWS]
    sizes = {(family, data) for family in ("dav1", "dav2") for data in ("nyu", "kitti")}
    sizes |= {("dav2", "hypersim"), ("dav2", "vkitti2")}
    for family, data in sizes:
        of_family = [size for size in MILLIONS if (family, size) != ("dav1", "vitg")]
        assert {f"{family}/{size}_{data}" for size in of_family} <= ROWS.keys()


@pytest.mark.slow
def test_each_row_is_made_of_its_config(zoo):
    """Model without numbers, the test's pipeline on a random frame, counted operations."""
    for name, line in ROWS.items():
        assert f"| {' | '.join(zoo.row(name))} |" == line, "run python benchmarks/zoo.py"


@pytest.mark.parametrize("name", [name for name in ROWS if re.match(r"dav\d/vit._(nyu|kitti|hypersim|vkitti2)$", name)])
def test_sizes_are_the_published(name):
    size = name.split("/")[1].split("_")[0]
    count = float(ROWS[name].split("|")[2])
    assert count == pytest.approx(MILLIONS[size], rel=0.005 if size != "vitg" else 0.04)  # 1.3B has two digits


def test_operations_against_a_sum_by_hand(zoo):
    """ViT-S at 518x686, 37 x 49 patches and a class token: the products of its 12 blocks, per token and per pair."""
    tokens, width, depth = 37 * 49 + 1, 384, 12
    per_block = 2 * tokens * (4 + 8) * width**2 + 4 * tokens**2 * width
    patches = 2 * 37 * 49 * 3 * 14**2 * width
    from torch.utils.flop_counter import FlopCounterMode

    _, model = zoo.build("dav2/vits_nyu")
    with FlopCounterMode(display=False) as counter, zoo.torch.no_grad():
        model.backbone(zoo.torch.empty(1, 3, 518, 686, device="meta"))
    assert counter.get_total_flops() == depth * per_block + patches
