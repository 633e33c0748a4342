"""Labelled sets of different kinds, and images without labels, in one batch: every number against its own formula."""

import cv2
import numpy as np
import pytest
import torch
from support.field_layouts import picture, write_image

from mdetools.contract import SampleIndex
from mdetools.datasets import collate_samples
from mdetools.registry import DATASETS, TRANSFORMS
from mdetools.testing import check_sample

SIZE = (24, 32)
PIPELINE = [dict(type="DepthRange", min_depth=1e-3, max_depth=80.0), dict(type="InverseDepth"), dict(type="PackSample")]
RELATIVE = dict(depth_kind="relative_inverse_depth", depth_scale=1)


def numbers(seed, low=1.0, high=5.0):
    return np.random.default_rng(seed).uniform(low, high, SIZE).astype(np.float32)


def save(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, values)


@pytest.fixture
def kinds(tmp_path):
    """Metres with sky and holes, disparity with a camera and without, relative maps, photographs, pseudo-labels."""
    for name in ("metres", "relative"):
        write_image(tmp_path / name / "train/images/0.png", picture(*SIZE))
    metres = numbers(0)
    metres[:4], metres[4, :], metres[5, 0] = np.inf, 0, 200
    save(tmp_path / "metres/train/depth/0.npy", metres)
    relative = numbers(1, -3, 3)
    relative[0, :5] = np.nan
    save(tmp_path / "relative/train/depth/0.npy", relative)
    for side in ("left", "right"):
        write_image(tmp_path / f"pairs/train/{side}/0.png", picture(*SIZE))
    disparity = numbers(2)
    disparity[0] = 0
    save(tmp_path / "pairs/train/disparity/0.npy", disparity)
    write_image(tmp_path / "photos/a/0.png", picture(*SIZE, 5))
    values = np.random.default_rng(3).integers(0, 65536, SIZE, dtype=np.uint16)
    (tmp_path / "labels/a").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "labels/a/0.png"), values)
    pairs = dict(type="StereoPairDataset", data_root=str(tmp_path / "pairs"), depth="disparity", pipeline=PIPELINE)
    own = dict(type="RGBDDataset", pipeline=PIPELINE)
    photos = dict(type="ImageFolderDataset", data_root=str(tmp_path / "photos"), pipeline=PIPELINE)
    configs = dict(
        metres=dict(own, data_root=str(tmp_path / "metres"), depth_scale=1, sky="inf"),
        camera=dict(pairs, focal=30.0, baseline=0.5),
        pixels=pairs,
        relative=dict(own, data_root=str(tmp_path / "relative"), **RELATIVE),
        photos=photos,
        labels=dict(photos, labels=str(tmp_path / "labels")),
    )
    with np.errstate(divide="ignore"):
        inverse = 1 / metres.astype(float)
    sky, known = np.isinf(metres), (metres > 0) & (metres <= 80)
    near = np.where(disparity > 0, 30 * 0.5 / np.maximum(disparity, 1e-9), 0)
    expected = dict(
        metres=(np.where(sky | ~known, 0, inverse), sky | known),
        camera=(np.where(disparity > 0, 1 / np.maximum(near, 1e-9), 0), disparity > 0),
        pixels=(disparity, disparity > 0),
        relative=(np.nan_to_num(relative), np.isfinite(relative)),
        photos=(np.zeros(SIZE), np.zeros(SIZE, bool)),
        labels=(values / 65535, np.ones(SIZE, bool)),
    )
    return configs, expected


def test_one_batch_of_all_kinds(kinds):
    configs, expected = kinds
    dataset = DATASETS.build(dict(type="ConcatDataset", datasets=configs))
    samples = [dataset[SampleIndex(0, 0, index)] for index in range(len(dataset))]
    assert len({frozenset(sample) for sample in samples}) == 1 and "depth" not in samples[0]
    for sample, name in zip(samples, configs, strict=True):
        check_sample(sample, name)
    batch = collate_samples(samples)
    for at, name in enumerate(configs):
        values, valid = expected[name]
        np.testing.assert_array_equal(batch["valid_mask"][at, 0].numpy(), valid, err_msg=name)
        np.testing.assert_allclose(batch["inverse_depth"][at, 0].double(), values, rtol=1e-6, atol=1e-8, err_msg=name)
    assert batch["unlabelled"].tolist() == [False, False, False, False, True, True]
    assert batch["sky"][0, 0, :4].all() and batch["sky"].sum() == 4 * SIZE[1]  # those without have holes, False
    assert not batch["valid_mask"][4].any() and batch["inverse_depth"].isfinite().all()


def test_a_flip_and_a_crop_move_the_sky_with_its_image(kinds):
    configs, _ = kinds
    geometric = [
        dict(type="RandomCrop", size=(20, 16)),
        dict(type="RandomZoom", zoom=(1.0, 1.5)),
        dict(type="RandomHorizontalFlip"),
        dict(type="Resize", size=(14, 21), multiple_of=7, keep_aspect=False),
    ]
    dataset = DATASETS.build(configs["metres"] | {"pipeline": [*geometric, *PIPELINE]})
    before = DATASETS.build(configs["metres"] | {"pipeline": []}).load(0)
    # The numbers of the pixels take the place of the depth: where each pixel of the result comes from.
    numbered = before | {"depth": np.arange(1, 769, dtype=np.float32).reshape(SIZE), "valid_mask": np.ones(SIZE, bool)}
    places = set()
    for epoch in range(6):
        sample = dataset[SampleIndex(0, epoch, 0)]
        rng = np.random.default_rng((0, epoch, 0))
        moved = dict(numbered, size=np.array(SIZE))
        for config in geometric:
            moved = TRANSFORMS.build(config)(moved, rng)
        rows, columns = np.unravel_index(moved["depth"].astype(int) - 1, SIZE)
        sky = before["sky"][rows, columns]
        known = before["valid_mask"][rows, columns] & (before["depth"][rows, columns] <= 80)
        assert torch.equal(sample["sky"][0], torch.from_numpy(sky))
        assert torch.equal(sample["valid_mask"][0], torch.from_numpy(sky | known))
        assert not sample["inverse_depth"][sample["sky"]].any()
        places.add((int(rows[0, 0]), int(columns[0, 0])))
    assert len(places) > 2


def test_metric_samples_are_what_they_were(kinds):
    configs, _ = kinds
    own = {**configs["metres"], "pipeline": [dict(type="PackSample")]}
    with_sky, without = DATASETS.build(own)[0], DATASETS.build({**own, "sky": None})[0]
    assert set(with_sky) - set(without) == {"sky"}
    for name in set(without) - {"meta"}:
        assert torch.equal(with_sky[name], without[name])
