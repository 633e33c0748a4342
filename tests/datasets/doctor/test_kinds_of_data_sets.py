"""The doctor examines whatever gives samples: with depth or without, composed, or of another project."""

import numpy as np
import pytest
import torch
from support.user_errors import user_error

from mdetools.datasets import BaseDataset
from mdetools.datasets.doctor import examine, format_report, summarize
from mdetools.registry import DATASETS

PACK = [dict(type="PackSample")]


class Pictures(BaseDataset):
    """Images of the given sizes, with whatever else is given."""

    def __init__(self, sizes=((8, 10), (8, 10), (6, 12)), more=(), pipeline=PACK):
        super().__init__(pipeline)
        self.sizes, self.more = list(sizes), more

    def __len__(self):
        return len(self.sizes)

    def load(self, index):
        height, width = self.sizes[index]
        known = {
            "depth": (2 + index + np.indices((height, width)).sum(0) % 3 / 100).astype(np.float32),
            "valid_mask": np.arange(width)[None].repeat(height, 0) >= width // 2,
            "semantic": np.full((height, width), 3),
            "label": index,
        }
        meta = {"id": f"{index}", "path": f"{index}.png"}
        image = np.random.default_rng(index).integers(0, 256, (height, width, 3), dtype=np.uint8)
        return {"image": image, "meta": meta, **{key: known[key] for key in self.more}}


@pytest.fixture(autouse=True)
def registered():
    DATASETS.register_module(module=Pictures)
    yield
    del DATASETS.module_dict["Pictures"]


def report_on(dataset, workers=0, batch_size=1):
    return summarize(dataset, list(examine(dataset, workers)), batch_size)


@pytest.mark.parametrize("more", [(), ("semantic",), ("label",), ("semantic", "label")])
def test_without_depth(more):
    report = report_on(Pictures(more=more))
    assert report["problems"] == report["unreadable"] == report["all_hole"] == []
    assert report["fields"] == dict.fromkeys(sorted(("image", "meta", *more)), 3)
    assert report["shapes"] == report_on(Pictures())["shapes"] == {"6x12": 1, "8x10": 2}
    assert report["depth"] is None and report["valid_share"] is None
    assert f"fields           {', '.join(sorted(('image', 'meta', *more)))}\n" in format_report("x", report)


def test_composed_data_sets():
    plain = dict(type="Pictures")
    depth = dict(type="Pictures", more=("depth", "valid_mask"))
    both = DATASETS.build(dict(type="ConcatDataset", datasets=[plain, depth]))
    report = report_on(both, workers=2)
    assert report["frames"] == 6 and [finding["check"] for finding in report["findings"]] == ["no_depth"]
    assert report["fields"] == {"depth": 3, "image": 6, "meta": 6, "valid_mask": 3}
    assert report["valid_share"] == {"mean": 0.5, "min": 0.5}
    assert report["depth"] == pytest.approx({"min": 2, "median": 3.01, "max": 4.02})
    assert "depth (3), image, meta, valid_mask (3)" in format_report("both", report)
    part = report_on(DATASETS.build(dict(type="SubsetDataset", dataset=depth, indices=[2, 0])))
    assert part["shapes"] == {"6x12": 1, "8x10": 1} and part["depth"]["median"] == pytest.approx(3.01)
    assert report_on(DATASETS.build(dict(type="RepeatDataset", dataset=depth, times=3)))["frames"] == 9


def test_each_part_of_a_concatenation_has_its_pipeline_tried():
    cropped = dict(type="Pictures", pipeline=[dict(type="RandomCrop", size=(6, 8)), *PACK])
    whole = dict(type="Pictures", sizes=[(8, 10)])
    report = report_on(DATASETS.build(dict(type="ConcatDataset", datasets=[cropped, whole])), batch_size=2)
    assert report["pipeline"] == {"6x12": "6x8", "8x10": "6x8, 8x10"}
    (problem,) = report["problems"]
    assert problem.startswith("the pipeline makes images of 2 sizes (6x8, 8x10)")


def test_without_a_pipeline_the_image_keeps_its_size():
    assert report_on(Pictures(pipeline=()))["pipeline"] == {"6x12": "6x12", "8x10": "8x10"}


def test_depth_without_a_mask_is_named():
    report = report_on(Pictures(sizes=[(8, 10)], more=("depth",)))
    assert report["unreadable"] == ["0: has depth and no valid_mask; add valid_mask = depth > 0 in load"]


class Foreign(torch.utils.data.Dataset):
    """A data set of another project: no `load`, samples packed already, without `meta`."""

    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        if isinstance(self.items[index], Exception):
            raise self.items[index]
        return self.items[index]


def test_a_foreign_data_set_is_asked_for_its_items():
    depth = torch.full((1, 4, 6), 3.0)
    packed = {"image": torch.zeros(3, 4, 6, dtype=torch.uint8), "depth": depth, "valid_mask": depth > 0}
    report = report_on(Foreign([packed, FileNotFoundError(2, "No such file", "b.png")]))
    assert report["shapes"] == report["pipeline"] | {"4x6": 1} and report["pipeline"] == {"4x6": "4x6"}
    assert report["depth"] == {"min": 3, "median": 3, "max": 3}
    assert report["unreadable"] == ["frame 1 of Foreign: [Errno 2] No such file: 'b.png'"]


def test_a_foreign_data_set_with_nan_in_its_depth():
    depth = torch.full((1, 4, 6), 3.0)
    depth[0, 0, 0] = torch.nan
    image = torch.zeros(3, 4, 6, dtype=torch.uint8)
    report = report_on(Foreign([{"image": image, "depth": depth, "valid_mask": torch.ones(1, 4, 6, dtype=torch.bool)}]))
    (finding,) = report["findings"]
    assert (finding["check"], finding["severity"]) == ("not_finite", "error")
    assert "0: depth is NaN or infinite where valid_mask is True" in finding["line"]


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (900, 2), (3, 3), (17, 1300)])
def test_images_of_any_shape(size):
    dataset = Pictures(sizes=[size] * 3, more=("depth", "valid_mask"))
    assert report_on(dataset)["shapes"] == {f"{size[0]}x{size[1]}": 3}


class Stream(torch.utils.data.IterableDataset):
    """A data set without a length."""

    def __iter__(self):
        yield {}


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        (Foreign([(torch.zeros(3, 4, 6), 1)]), "frame 0 of Foreign is tuple, expected a dict with 'image'"),
        (Foreign([{"img": torch.zeros(3, 4, 6)}]), "frame 0 of Foreign is a dict of img, expected a dict with 'image'"),
        (Stream(), "Stream has no length"),
    ],
)
def test_what_gives_no_samples_is_refused(dataset, words):
    user_error(lambda: report_on(dataset), words)
