"""When the hooks draw, and where their pictures go."""

import logging
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from support.panel_batch import TRUTH_SIZE, stereo_batch, without

from mdetools.engine.hooks.panel_hook import PanelHook, SavePanelsHook, spread
from mdetools.engine.panels import panel_of
from mdetools.evaluation import PROTOCOLS, DepthMetric
from mdetools.registry import HOOKS
from mdetools.visualization import picture_name, stack_panels

GARG = PROTOCOLS["kitti_garg_80"]


def pictures_of(batch, metrics, folder, outputs):
    """What the two hooks show and write of a batch, by name, and what they log."""
    shown, logged = {}, []
    runner = SimpleNamespace(
        val_dataloader=[batch],
        val_evaluator=Evaluator(metrics),
        test_evaluator=Evaluator(metrics),
        test_dataloader=SimpleNamespace(sampler=range(2)),
        visualizer=SimpleNamespace(add_image=lambda name, panel, step: shown.update({(name, step): panel})),
        logger=SimpleNamespace(info=logged.append, warning=logged.append),
        iter=12,
    )
    PanelHook(images=1).after_val_iter(runner, 0, batch, outputs)
    hook = SavePanelsHook(str(folder), overview=0)
    hook.after_test_iter(runner, 0, batch, outputs)
    hook.after_test_epoch(runner)
    written = {path.name: cv2.imread(str(path))[..., ::-1] for path in folder.glob("*")}
    return shown, written, logged


@pytest.mark.parametrize("labelled", [True, False])
def test_the_hooks_draw_stereo_panels_with_and_without_ground_truth(tmp_path, labelled):
    batch = stereo_batch() if labelled else without(stereo_batch(), "depth", "valid_mask")
    outputs = [{"depth": torch.full((1, *TRUTH_SIZE), 8.0)}] * 2
    shown, written, _ = pictures_of(batch, [DepthMetric("kitti_garg_80")] if labelled else [], tmp_path, outputs)
    panels = [panel_of(batch, index, outputs[index], GARG) for index in range(2)]
    names = [picture_name(name) for name in batch["meta"]["id"]]
    assert names[0].startswith("2011_09_26_drive_0001_sync_7_l")
    assert list(shown) == [(f"val_{names[0]}", 12)]
    assert np.array_equal(*shown.values(), panels[0])
    assert sorted(written) == [f"{name}.png" for name in names]
    for name, panel in zip(sorted(written), panels, strict=True):
        assert np.array_equal(written[name], panel)


def test_ids_that_lead_out_of_the_folder_are_pictures_in_it(tmp_path):
    """And ids of the same words are not one picture."""
    outputs = [{"depth": torch.full((1, *TRUTH_SIZE), 8.0)}] * 2
    found = []
    for ids in (["../../outside", "/outside"], ["a/b", "a_b"], ["a b", "a/../../b"]):
        batch = stereo_batch()
        batch["meta"]["id"] = ids
        found += [name for name, _ in pictures_of(batch, [], tmp_path / "deep/shown", outputs)[0]]
    assert all("/" not in name for name in found)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 6 and {path.parent for path in files} == {tmp_path / "deep/shown"}


def test_any_head_has_pictures_or_one_line_that_says_why_not(tmp_path):
    batch = without(stereo_batch(), "depth", "valid_mask", "image_right")
    shown, written, logged = pictures_of(batch, [], tmp_path / "a", [{"logits": torch.rand(4, *TRUTH_SIZE)}] * 2)
    assert len(shown) == 1 and len(written) == 2 and logged == []
    shown, written, logged = pictures_of(batch, [], tmp_path / "b", [{"scores": torch.rand(4)}] * 2)
    assert not shown and not written
    assert logged == [f"{tmp_path / 'b'}: no pictures: what the model predicts is not drawn"]


def test_ids_of_the_same_words_are_files_of_their_own(tmp_path):
    batch = {**without(stereo_batch(), "depth", "valid_mask", "image_right"), "meta": {"id": ["a/b", "a_b"]}}
    _, written, _ = pictures_of(batch, [], tmp_path, [{"depth": torch.full((1, *TRUTH_SIZE), 8.0)}] * 2)
    assert len(written) == 2 and "a_b.png" in written


def test_the_name_of_version_0_1_still_stands_in_configs():
    for name in ("DepthPanelHook", "PanelHook"):
        assert type(HOOKS.build(dict(type=name, images=3))) is PanelHook


@pytest.mark.parametrize(
    ("count", "length", "positions"),
    [(4, 4, {0, 1, 2, 3}), (4, 9, {0, 2, 4, 6}), (6, 20, {0, 3, 6, 10, 13, 16}), (6, 2, {0, 1}), (0, 5, set())],
)
def test_chosen_images_are_spread_evenly(count, length, positions):
    assert spread(count, length) == positions


def test_the_overview_shows_images_from_all_over_the_test_set(tmp_path):
    runner = SimpleNamespace(
        test_evaluator=Evaluator([]),
        test_dataloader=SimpleNamespace(sampler=range(9)),
        logger=logging.getLogger("test"),
    )
    hook, depth = SavePanelsHook(str(tmp_path), overview=3), torch.full((1, *TRUTH_SIZE), 8.0)
    batch = without(stereo_batch(), "image_right", "depth", "valid_mask")
    panels = []
    for number in range(5):  # of two images each; the last is cut to nine in all
        batch = {**batch, "image": torch.full_like(batch["image"], 40 * number)}
        hook.after_test_iter(runner, number, batch, [{"depth": depth}] * (2 if number < 4 else 1))
        panels += [panel_of(batch, index, {"depth": depth}, None) for index in range(2)]
    hook.after_test_epoch(runner)
    overview = cv2.imread(str(tmp_path / "overview.png"))[..., ::-1]
    assert np.array_equal(overview, stack_panels([panels[0], panels[3], panels[6]]))
