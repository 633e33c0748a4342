"""tools/browse_dataset.py shows what the network gets: pixel for pixel, batch for batch, step for step."""

import cv2
import numpy as np
import pytest
import torch
from support.kitti_layout import DRIVE, write_kitti
from support.paths import ROOT

from mdetools.apis.pictures import browsing
from mdetools.apis.pictures.browsing import arrays_of, browse, browse_views
from mdetools.contract import SampleIndex
from mdetools.engine.configs.loading import load_config
from mdetools.registry import DATASETS, MODELS
from mdetools.visualization import sample_panel, views_panel


@pytest.fixture
def drawn(monkeypatch):
    """The samples that are drawn, as arrays."""
    found = []
    monkeypatch.setattr(
        browsing, "sample_panel", lambda sample, title: found.append(sample) or sample_panel(sample, title)
    )
    return found


def rgb(path):
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def test_training_samples_are_those_of_the_first_batches(tiny_nyu, drawn, monkeypatch):
    """As a run with this seed hands them to its model, in its own loop."""
    from mdetools.engine.runner import Runner

    cfg = load_config(str(tiny_nyu), {"visualizer.vis_backends": []})
    names = [name for name, _ in browse(cfg, "train", 5, seed=7)]
    loader = Runner.build_dataloader(
        {
            key: value
            for key, value in cfg.train_dataloader.to_dict().items()
            if key not in ("persistent_workers", "pin_memory")
        },
        7,
    )
    batches = [batch for _, batch in zip(range(3), loader, strict=False)]
    assert names == [name for batch in batches for name in batch["meta"]["id"]][:5] and len(drawn) == 5
    images = torch.cat([batch["image"] for batch in batches])
    depths = torch.cat([batch["depth"] for batch in batches])
    for number, sample in enumerate(drawn):
        np.testing.assert_array_equal(sample["image"], images[number].permute(1, 2, 0).numpy())
        np.testing.assert_array_equal(sample["depth"], depths[number].numpy())
    again = [name for name, _ in browse(cfg, "train", 5, seed=8)]
    assert again != names


def test_images_are_what_the_network_gets_less_the_normalisation(tiny_nyu, drawn):
    """Of `val` too, where they are not rounded before; a model's own mean and deviation are undone."""
    options = {"model.data_preprocessor.mean": [0.1, 0.5, 0.7], "model.data_preprocessor.std": [0.3, 0.2, 0.9]}
    cfg = load_config(str(tiny_nyu), options)
    list(browse(cfg, "val", 3))
    dataset = DATASETS.build(cfg.val_dataloader.dataset)
    preprocessor = MODELS.build({"type": "DataPreprocessor", **cfg.model.data_preprocessor})
    assert len(drawn) == 3
    for sample, position in zip(drawn, (0, 2, 4), strict=True):  # spread over five
        raw = dataset[SampleIndex(0, 0, position)]
        seen = preprocessor({"image": raw["image"][None]})["image"][0].double()
        mean, std = (torch.tensor(options[f"model.data_preprocessor.{name}"]).view(3, 1, 1) for name in ("mean", "std"))
        expected = (255 * (seen * std + mean)).clamp(0, 255).permute(1, 2, 0).numpy()
        assert np.abs(sample["image"] - expected).max() <= 0.51
        assert sample["depth"].shape[1:] == (40, 56)  # at its own size


def test_views_are_those_of_the_first_epochs(tiny_nyu, monkeypatch):
    found = []
    monkeypatch.setattr(browsing, "views_panel", lambda *given: found.append(given) or views_panel(*given))
    cfg = load_config(str(tiny_nyu))
    names = [name for name, _ in browse_views(cfg, "train", 2, 3, seed=5)]
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    assert names == ["scene/00000", "scene/00006"]
    for (samples, titles), position in zip(found, (0, 6), strict=True):
        assert titles[1:] == ["epoch 1", "epoch 2"]
        for epoch, sample in enumerate(samples):
            expected = dataset[SampleIndex(5, epoch, position)]
            np.testing.assert_array_equal(sample["image"], expected["image"].permute(1, 2, 0).numpy())
            np.testing.assert_array_equal(sample["depth"], expected["depth"].numpy())
    images = [sample["image"] for sample in found[0][0]]
    assert not np.array_equal(images[0], images[1]) and not np.array_equal(images[1], images[2])


def test_batch_steps_show_what_they_do(tiny_nyu, drawn):
    steps = {"cut_mix": {"type": "CutMix", "prob": 1.0}}
    cfg = load_config(str(tiny_nyu), {"model.data_preprocessor": {"steps": steps}})
    list(browse(cfg, "train", 4, seed=1))
    mixed = [(sample["image"].copy(), sample["region"]) for sample in drawn]
    drawn.clear()
    list(browse(load_config(str(tiny_nyu)), "train", 4, seed=1))
    for number, (image, region) in enumerate(mixed):
        inside = region[0] == 1
        assert 0.01 < inside.mean() < 0.5
        other = drawn[number + 1 if number % 2 == 0 else number - 1]  # of a batch of two
        np.testing.assert_array_equal(image[~inside], drawn[number]["image"][~inside])
        np.testing.assert_array_equal(image[inside], other["image"][inside])


def test_stereo_pairs_of_kitti_and_images_without_labels(tmp_path, drawn, run_tool):
    root = write_kitti(tmp_path / "kitti")
    (root / "val.txt").write_text(f"{DRIVE} 3 l\n")
    words = ["--data-root", root, "--out", tmp_path / "seen.png", "--count", 2]
    options = ["--cfg-options", "train_dataloader.batch_size=2"]
    code, printed, errors = run_tool("browse_dataset", "dav2/vits_kitti_stereo", *words, *options)
    assert (code, printed) == (0, f"{tmp_path}/seen.png: 2 rows\n"), errors
    assert all(sample["image_right"].shape == sample["image"].shape for sample in drawn) and len(drawn) == 2
    drawn.clear()
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(4):
        cv2.imwrite(str(photos / f"{number}.jpg"), np.full((60, 90, 3), 50 * number, np.uint8))
    config = ROOT / "configs/_base_/datasets/image_folder.py"
    words = ["--data-root", photos, "--out", tmp_path / "seen", "--count", 3, "--cfg-options"]
    code, printed, errors = run_tool("browse_dataset", config, *words, "train_dataloader.batch_size=1")
    assert code == 0 and len(printed.splitlines()) == 3, errors
    for sample, path in zip(drawn, sorted((tmp_path / "seen").iterdir()), strict=True):
        assert "depth" not in sample
        np.testing.assert_array_equal(rgb(path), sample_panel(sample, path.name[4:-4]))


STEP = "model.data_preprocessor.steps.f"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no/such.py"], "no/such.py"),
        (["TINY", "--split", "test", "--cfg-options", "test_dataloader=None"], "test_dataloader is None, and --split"),
        (["TINY", "--out", "TMP/file.png/x.png"], "not a folder, expected one to write to"),
        (["TINY", "--cfg-options", "train_dataloader.batch_size=50"], "the training set has 7 samples, fewer than one"),
        (["TINY", "--data-root", "no/folder"], "no folder no/folder/train"),
        (["TINY", "--cfg-options", f"{STEP}.type=CutMix", f"{STEP}.on=unlabelled"], f"--cfg-options {STEP}=None"),
    ],
)
def test_mistakes_are_one_line(tiny_nyu, tmp_path, run_tool, words, said):
    (tmp_path / "file.png").write_text("")
    words = [word.replace("TINY", str(tiny_nyu)).replace("TMP", str(tmp_path)) for word in words]
    out = [] if "--out" in words else ["--out", tmp_path / "seen.png"]
    code, printed, errors = run_tool("browse_dataset", *words, *out)
    assert code == 2 and printed == "" and errors.count("\n") == 1 and said in errors, errors
    assert not (tmp_path / "seen.png").exists()


def test_arrays_are_of_the_kinds_that_are_drawn():
    targets = {
        "image": torch.full((2, 3, 4, 6), 0.5),
        "depth": torch.ones(2, 1, 4, 6),
        "baseline": torch.ones(2),
        "meta": {"id": ["a", "b"]},
    }
    arrays = arrays_of(targets, 1)
    assert set(arrays) == {"image", "depth"} and (arrays["image"] == 128).all()
