"""What a checkpoint says it was trained on, against every case of training and test data."""

import pytest

from mdetools.apis.evaluation.origin import Source, domain_of, sources_of, trained_on
from mdetools.errors import UserError

NYU, HYPERSIM = Source("NYUDataset", "data/nyu", "train"), Source("HypersimDataset", "data/hypersim", "train")
OWN = Source("RGBDDataset", "data/own", "train")


def checkpoint(text, ours=True):
    return {"meta": {"cfg": text, **({"mdetools_version": "0.3"} if ours else {})}, "state_dict": {}}


def test_wrappers_are_looked_into_and_what_is_left_out_is_not_named():
    text = """
train_dataloader = dict(
    batch_size=2,
    dataset=dict(
        type='ConcatDataset',
        datasets=dict(
            rooms=dict(
                type='RepeatDataset', times=2, dataset=dict(type='NYUDataset', data_root='a/nyu', split='train')),
            streets=dict(type='mdetools.datasets.KITTIDataset', data_root='b', split=['x', 'y']),
            gone=None)))
val_dataloader = dict(dataset=dict(type='HypersimDataset', data_root='c'))
"""
    assert trained_on(checkpoint(text), "a.pth") == [
        Source("NYUDataset", "a/nyu", "train"),
        Source("KITTIDataset", "b", "['x', 'y']"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        {"state_dict": {}},
        checkpoint("train_dataloader = dict(dataset=dict(type='NYUDataset'))", ours=False),
        checkpoint("model = dict(type='Estimator')"),
        checkpoint("train_dataloader = None"),
        checkpoint("train_dataloader = dict(dataset=load('x'))"),
        checkpoint(""),
    ],
    ids=["bare", "another toolbox's", "no training", "none", "code", "no config"],
)
def test_a_file_that_does_not_say_is_unknown_and_never_guessed(content):
    assert trained_on(content, "a.pth") is None
    assert domain_of(None, [NYU]).name == "unknown"


def test_the_configs_text_is_never_run(tmp_path):
    mark = tmp_path / "ran"
    text = f"train_dataloader = dict(dataset=dict(type=open({str(mark)!r}, 'w'), data_root=print('x')))"
    (source,) = trained_on(checkpoint(text), "a.pth")
    assert not mark.exists() and domain_of([source], [NYU]).name == "zero-shot"
    with pytest.raises(UserError, match="the config that 'a.pth' holds cannot be read"):
        trained_on(checkpoint("train_dataloader = ("), "a.pth")


@pytest.mark.parametrize(
    ("trained", "tested", "expected"),
    [
        ([NYU], NYU._replace(split="val"), "in-domain"),
        ([HYPERSIM, NYU], NYU._replace(split="val", root="./data//nyu/"), "in-domain"),
        ([NYU._replace(root="/cluster/nyu")], NYU._replace(split="val"), "in-domain"),
        ([NYU._replace(root="D:\\sets\\nyu")], NYU._replace(split="val"), "in-domain"),
        ([HYPERSIM], NYU, "zero-shot"),
        ([OWN], NYU, "zero-shot"),
        ([OWN], OWN._replace(split="val"), "in-domain"),
        ([OWN], OWN._replace(root="data/kitchen", split="val"), "zero-shot"),
        ([OWN], Source("StereoPairDataset", "data/own", "val"), "in-domain"),  # the same folder by another reader
        ([NYU._replace(root="data/rooms")], NYU._replace(split="val"), "unknown"),  # NYU, or rooms in its layout?
        ([NYU], Source("NYULabeledDataset", "data/nyu_labeled", "test"), "unknown"),
        ([Source("PluginsDataset", "data/nyu", "train")], NYU, "in-domain"),  # the very folder, whatever the class
        ([Source("PluginsDataset", "else/nyu", "train")], NYU, "zero-shot"),
    ],
)
def test_every_pair_of_training_and_test_data(trained, tested, expected):
    assert domain_of(trained, [tested]).name == expected


def test_reasons_are_given_where_the_name_is_not_enough():
    assert "the folders' names differ" in domain_of([NYU._replace(root="data/rooms")], [NYU]).reason
    assert "very split" in domain_of([NYU], [NYU]).reason
    assert domain_of([NYU], [NYU._replace(split="val")]).reason == ""
    assert domain_of([HYPERSIM], [NYU]).reason == ""


def test_a_concatenation_is_in_domain_in_part():
    tested = [NYU._replace(split="val"), Source("KITTIDataset", "data/kitti", "val")]
    mixed = domain_of([NYU], tested)
    assert mixed.name == "mixed" and "NYUDataset in data/nyu (val)" in mixed.reason
    assert domain_of([HYPERSIM], tested).name == "zero-shot"
    assert domain_of([NYU, Source("KITTIDataset", "data/kitti", "train")], tested).name == "in-domain"
    assert domain_of([NYU, Source("KITTIDataset", "data/streets", "train")], tested).name == "unknown"


def test_classes_and_registered_names_are_one():
    from mdetools.datasets import NYUDataset

    assert sources_of({"type": NYUDataset, "data_root": "x"}) == [Source("NYUDataset", "x")]
    assert sources_of(None) == [] and sources_of("text") == []
