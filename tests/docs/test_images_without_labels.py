"""The config of docs/training.md for labelled and unlabelled images is one that loads, and does what the page says."""

import re

import torch
from support.field_layouts import picture, write_image
from support.paths import ROOT
from support.tiny_training import write_nyu_frames

from mdetools.contract import SampleIndex
from mdetools.datasets import collate_samples
from mdetools.engine.configs.loading import load_config
from mdetools.engine.samplers import RatioSampler
from mdetools.registry import DATASETS, MODELS


def test_the_pages_config_gives_batches_and_steps(tmp_path):
    blocks = re.findall(r"```python\n(# student.py\n.*?)```", (ROOT / "docs/training.md").read_text(), re.DOTALL)
    assert len(blocks) == 1
    path = tmp_path / "student.py"
    path.write_text(blocks[0].replace('["configs/', f'["{ROOT}/configs/'))
    for number in range(3):
        write_image(tmp_path / f"photos/{number}.png", picture(40, 56, number))
    roots = [("labelled", str(write_nyu_frames(tmp_path / "nyu"))), ("photos", str(tmp_path / "photos"))]
    cfg = load_config(str(path), None, roots)
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    sampler = RatioSampler(dataset, cfg.train_dataloader.sampler.ratio)
    batch = collate_samples([dataset[index] for index in list(sampler)[:3]])
    assert batch["unlabelled"].tolist() == [False, True, True] and isinstance(next(iter(sampler)), SampleIndex)
    assert "depth" not in batch and batch["valid_mask"].flatten(1).any(1).tolist() == [True, False, False]
    assert batch["image"].shape == batch["image_clean"].shape == (3, 3, 518, 518)
    with torch.device("meta"):
        model = MODELS.build(cfg.model)
    steps = model.data_preprocessor.steps
    assert [type(step).__name__ for step in steps.values()] == ["PseudoLabels", "CutMix", "FrozenFeatures"]
    assert steps["labels"].model["head"]["output"]["type"] == "ReluInverseDepth" and steps["mix"].on == "unlabelled"
