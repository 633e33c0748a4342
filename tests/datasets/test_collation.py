import re

import pytest
import torch
from support.nyu_layout import make_frame, write_h5
from support.user_errors import user_error

from mdetools.contract import FIELDS, Field
from mdetools.datasets import NYUDataset
from mdetools.datasets.collation import collate_samples, fill_missing
from mdetools.errors import UserError


def image(value=0, size=(4, 6)):
    return torch.full((3, *size), value, dtype=torch.uint8)


PHOTOGRAPH = {"image": image(7), "size": torch.tensor([40, 60]), "meta": {"id": "photo", "path": "p.jpg"}}
LABELLED = {
    "image": image(8),
    "depth": torch.full((1, 4, 6), 2.5),
    "valid_mask": torch.ones(1, 4, 6, dtype=torch.bool),
    "intrinsics": torch.eye(3),
    "baseline": torch.tensor(0.5),
    "size": torch.tensor([4, 6]),
    "label": torch.tensor(3),
    "point_pairs": torch.arange(8.0).view(2, 2, 2),
    "meta": {"id": "frame"},
}


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_what_a_sample_lacks_is_filled_from_the_table(order):
    samples = [[LABELLED, PHOTOGRAPH][which] for which in order]
    batch = collate_samples(samples)
    labelled, photo = order.index(0), order.index(1)
    assert set(batch) == set(LABELLED)
    for name in ("image", "depth", "valid_mask", "baseline", "label", "point_pairs", "intrinsics", "size"):
        assert torch.equal(batch[name][labelled], LABELLED[name])
        assert batch[name].dtype == FIELDS[name].dtype
    assert batch["depth"][photo].eq(0).all() and not batch["valid_mask"][photo].any()
    assert batch["intrinsics"][photo].isnan().all() and batch["baseline"][photo].isnan()
    assert batch["label"][photo] == -1 and batch["size"][photo].tolist() == [40, 60]
    assert batch["point_pairs"].shape == (2, 2, 2, 2) and batch["point_pairs"][photo].isnan().all()
    assert batch["meta"]["id"][photo] == "photo" and batch["meta"]["path"][labelled] == ""


def test_points_are_padded_to_the_most():
    more = {**LABELLED, "point_pairs": torch.arange(12.0).view(3, 2, 2)}
    none = {**LABELLED, "point_pairs": torch.empty(0, 2, 2)}
    pairs = collate_samples([LABELLED, more, none])["point_pairs"]
    assert pairs.shape == (3, 3, 2, 2)
    assert torch.equal(pairs[1], more["point_pairs"]) and torch.equal(pairs[0, :2], LABELLED["point_pairs"])
    assert pairs[0, 2].isnan().all() and pairs[2].isnan().all()


def test_a_field_of_ones_own_is_filled_too(monkeypatch):
    monkeypatch.setitem(FIELDS, "normals", Field("map", torch.float32, "3HW", hole=0.0))
    batch = collate_samples([{**PHOTOGRAPH, "normals": torch.ones(3, 4, 6)}, PHOTOGRAPH])
    assert batch["normals"].shape == (2, 3, 4, 6) and batch["normals"][1].eq(0).all()


def test_maps_that_are_filled_have_the_size_of_the_others():
    own_size = {"image": image(), "depth": torch.ones(1, 8, 9), "meta": {"id": "a"}}
    assert fill_missing(own_size, ["semantic"])["semantic"].shape == (1, 8, 9)
    assert fill_missing(own_size, ["semantic"])["semantic"].eq(255).all()
    assert fill_missing({"image": image()}, ["semantic"])["semantic"].shape == (1, 4, 6)
    assert "semantic" not in own_size


def test_images_of_several_sizes_are_one_line():
    line = "a batch holds 'image' of 2 sizes, 4x6, 8x6, expected one; add a RandomCrop"
    with pytest.raises(UserError, match=re.escape(line)):
        collate_samples([PHOTOGRAPH, {**PHOTOGRAPH, "image": image(size=(8, 6))}])


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1])
def test_frames_of_several_sizes_at_test_are_one_line_with_the_cure(tmp_path, workers):
    for number, size in enumerate([(24, 32), (24, 40), (24, 40)]):
        write_h5(tmp_path / f"val/a/{number}.h5", *make_frame(*size))
    dataset = NYUDataset(str(tmp_path), "val", [dict(type="PackSample")])
    loader = torch.utils.data.DataLoader(dataset, 2, num_workers=workers, collate_fn=collate_samples)
    line = "a batch holds 'image' of 2 sizes, 24x32, 24x40, expected one; add a RandomCrop or another fixed size to the"
    assert user_error(lambda: list(loader), "or set batch_size=1").startswith(line)
    one_by_one = torch.utils.data.DataLoader(dataset, 1, num_workers=workers, collate_fn=collate_samples)
    assert [tuple(batch["image"].shape[-2:]) for batch in one_by_one] == [(24, 32), (24, 40), (24, 40)]


def test_in_a_worker_as_in_the_main_process():
    loader = torch.utils.data.DataLoader([LABELLED, PHOTOGRAPH], 2, num_workers=1, collate_fn=collate_samples)
    (batch,) = loader
    assert torch.equal(batch["image"], torch.stack([LABELLED["image"], PHOTOGRAPH["image"]]))
