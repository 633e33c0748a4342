"""Every config loads, builds its model, and opens with the command that runs it."""

import re

import pytest
import torch
from support.paths import ROOT

from mdetools.engine.configs.loading import load_config
from mdetools.registry import METRICS, MODELS, TRANSFORMS

CONFIGS = [path for path in sorted((ROOT / "configs").rglob("*.py")) if "_base_" not in path.parts]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def build_on_nothing(model_cfg):
    """Builds a model without its numbers."""
    with torch.device("meta"):
        return MODELS.build(model_cfg)


def pipelines_of(dataset):
    """The pipelines of a data set and of those that it is made of."""
    parts = dataset.get("datasets", {}).values()
    return (
        [dataset.pipeline] if "pipeline" in dataset else [one for part in parts if part for one in pipelines_of(part)]
    )


def test_there_are_configs():
    assert {"configs/dav2/vits_nyu.py", "configs/dav2/vits_relative.py"} <= set(map(name_of, CONFIGS))


@pytest.mark.parametrize("path", CONFIGS, ids=name_of)
def test_config_loads_and_builds(path):
    cfg = load_config(str(path))
    model = build_on_nothing(cfg.model)
    names = [name for name, _ in model.named_parameters()]
    assert any(name.startswith("backbone.") for name in names) and any(name.startswith("head.") for name in names)
    assert set(model.losses) == {name for name, loss in cfg.model.losses.items() if loss is not None}
    METRICS.build(cfg.val_evaluator)
    METRICS.build(cfg.test_evaluator)
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        for pipeline in pipelines_of(loader.dataset):
            for transform in pipeline.values():
                if transform is not None:
                    TRANSFORMS.build(transform)


@pytest.mark.parametrize("path", CONFIGS, ids=name_of)
def test_config_opens_with_its_command_and_what_to_expect(path):
    opening = re.match(r"(#.*\n)+", path.read_text())
    assert opening, "no leading comment"
    first = opening[0].splitlines()[0]
    command = re.fullmatch(r"# (?:python |bash )?(tools/\S+)(.*)", first)
    assert command and (ROOT / command[1]).is_file(), first
    assert name_of(path) in command[2] or path.name in (ROOT / command[1]).read_text()
    assert re.search(r"[Ee]xpect|not measured|abs_rel", opening[0])


@pytest.mark.parametrize("name, millions", [("vits_nyu", 24.8), ("vitb_nyu", 97.5), ("vitl_nyu", 335.3)])
def test_sizes_are_those_of_the_paper(name, millions):
    """Depth Anything V2 publishes its models with these numbers of parameters."""
    model = build_on_nothing(load_config(str(ROOT / "configs" / "dav2" / f"{name}.py")).model)
    assert sum(parameter.numel() for parameter in model.parameters()) / 1e6 == pytest.approx(millions, rel=0.005)


@pytest.mark.parametrize("arch", ["vits", "vitb", "vitl"])
def test_one_size_differs_from_another_in_nothing_but_the_network(arch):
    for data, max_depth in (("nyu", 10.0), ("kitti", 80.0)):
        ours, small = (load_config(str(ROOT / "configs/dav2" / f"{name}_{data}.py")) for name in (arch, "vits"))
        assert ours.model.backbone.arch == arch and ours.model.head.output.max_depth == max_depth
        assert {key: value for key, value in ours.items() if key != "model"} == {
            key: value for key, value in small.items() if key != "model"
        }
        twin = load_config(str(ROOT / "configs/dav2" / f"{arch}_nyu.py"))
        twin.model.head.output.max_depth = max_depth
        assert ours.model == twin.model


@pytest.mark.parametrize("size", ["vits", "vitb", "vitl", "vitg"])
@pytest.mark.parametrize("data", ["hypersim", "vkitti2"])
def test_as_published_hypersim_and_vkitti2_are_cropped_and_flipped_and_no_more(size, data):
    """As metric_depth/dataset of Depth Anything V2 does it."""
    pipeline = load_config(f"dav2/{size}_{data}").train_dataloader.dataset.pipeline
    steps = [step.type for step in pipeline.values() if step]
    assert steps == ["RandomAspectCrop", "RandomHorizontalFlip", "Resize", "DepthRange", "PackSample"]
