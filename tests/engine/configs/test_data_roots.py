"""Folders of data sets, by the names of a concatenation's."""

import argparse
import copy

import pytest
from support.paths import ROOT
from support.user_errors import user_error

from mdetools.engine.configs.data_roots import set_data_root
from mdetools.engine.configs.loading import load_config
from mdetools.engine.process.cli import add_config_arguments, run_cli

VITS = str(ROOT / "configs/dav2/vits_nyu.py")


def nyu(root="data/nyu", **more):
    return dict(type="NYUDataset", data_root=root, **more)


def repeat(dataset):
    return dict(type="RepeatDataset", times=2, dataset=dataset)


def subset(dataset):
    return dict(type="SubsetDataset", count=3, dataset=dataset)


def concat(*datasets, **named):
    return dict(type="ConcatDataset", datasets=list(datasets) or named)


def roots_of(node):
    """The data roots below a node, in their order."""
    if isinstance(node, dict):
        own = [node["data_root"]] if "data_root" in node else []
        return own + [root for child in node.values() for root in roots_of(child)]
    return [root for child in node for root in roots_of(child)] if isinstance(node, list) else []


ROOMS_AND_STREETS = concat(rooms=nyu("a"), streets=repeat(nyu("b")))


@pytest.mark.parametrize(
    ("dataset", "given", "expected"),
    [
        (nyu("a"), "x", ["x"]),
        (repeat(subset(nyu("a"))), "x", ["x"]),
        (ROOMS_AND_STREETS, {"rooms": "x", "streets": "y"}, ["x", "y"]),
        (ROOMS_AND_STREETS, {"streets": "y"}, ["a", "y"]),
        (subset(repeat(ROOMS_AND_STREETS)), {"rooms": "x"}, ["x", "b"]),
        (concat(nyu("a"), subset(nyu("b"))), {"1": "y", "0": "x"}, ["x", "y"]),
        (concat(only=nyu("a")), "x", ["x"]),
        (concat(only=nyu("a"), none=None), "x", ["x"]),
        (concat(rooms=nyu("a"), made=dict(type="OfNoFiles")), {"rooms": "x"}, ["x"]),
        (concat(rooms=nyu("a"), outer=concat(one=nyu("b"), two=subset(nyu("c")))), {"two": "z"}, ["a", "b", "z"]),
        (concat(rooms=nyu("a"), outer=concat(one=nyu("b"))), {"outer": "y"}, ["a", "y"]),
    ],
)
def test_each_folder_reaches_its_data_sets(dataset, given, expected):
    dataset = copy.deepcopy(dataset)
    for roots in (given, list(given.items()) if isinstance(given, dict) else [(None, given)]):
        node = {"train_dataloader": {"dataset": copy.deepcopy(dataset)}}
        set_data_root(node, roots)
        assert roots_of(node) == expected


@pytest.mark.parametrize(
    ("dataset", "given", "words"),
    [
        (
            ROOMS_AND_STREETS,
            "x",
            ["--data-root x: dataset.datasets has 2 data sets", "--data-root rooms=DIR --data-root"],
        ),
        (subset(ROOMS_AND_STREETS), "x", ["dataset.dataset.datasets has 2 data sets", "streets=DIR"]),
        (concat(nyu(), repeat(nyu())), "x", ["has 2 data sets", "--data-root 0=DIR --data-root 1=DIR"]),
        (ROOMS_AND_STREETS, {"rooms": "y", None: "x"}, ["--data-root x: ", "give --data-root streets=DIR"]),
        (concat(a=nyu(), b=ROOMS_AND_STREETS), {"b": "x"}, ["dataset.datasets.b.datasets has 2", "rooms=DIR"]),
        (ROOMS_AND_STREETS, {"romos": "x"}, ["romos=x: no data set of a concatenation has that name", "mean 'rooms'"]),
        (ROOMS_AND_STREETS, {"zzz": "x"}, ["expected one of: rooms, streets"]),
        (nyu(), {"rooms": "x"}, ["rooms=x: no data set of a concatenation", "give the folder alone, --data-root x"]),
    ],
)
def test_what_would_be_a_guess_is_refused(dataset, given, words):
    user_error(lambda: set_data_root({"dataset": copy.deepcopy(dataset)}, given), *words)


def test_a_folder_alone_beside_names_is_that_of_the_others():
    cfg = {"train_dataloader": {"dataset": copy.deepcopy(ROOMS_AND_STREETS)}, "val_dataloader": {"dataset": nyu("c")}}
    set_data_root(cfg, {None: "z", "rooms": "x", "streets": "y"})
    assert roots_of(cfg) == ["x", "y", "z"]


def command_line(*arguments):
    """`args.data_root` as a tool gets it."""
    parser, seen = argparse.ArgumentParser(), []
    add_config_arguments(parser)
    with pytest.raises(SystemExit):
        run_cli(lambda args: seen.append(args.data_root), parser.parse_args([*arguments, VITS]))
    return seen[0]


def test_the_command_line(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", "/home/me")
    assert command_line() is None
    assert command_line("--data-root", "data/nyu") == [(None, "data/nyu")]
    assert command_line("--data-root=rooms=~/nyu", "--data-root", "street.s=b=c") == [
        ("rooms", "/home/me/nyu"),
        ("street.s", "b=c"),
    ]
    assert command_line("--data-root", "./a=b") == [(None, "./a=b")]
    assert command_line("--data-root", "/x/a=b") == [(None, "/x/a=b")]
    config = tmp_path / "both.py"
    config.write_text(
        f'_base_ = ["{VITS}"]\ntrain_dataloader = dict(dataset=dict(_delete_=True, **{ROOMS_AND_STREETS}))\n'
        "val_dataloader = dict(dataset=train_dataloader['dataset'])\ntest_dataloader = val_dataloader\n"
    )
    roots = command_line("--data-root", "rooms=x", "--data-root", "streets=y")
    assert roots_of(load_config(str(config), data_root=roots)._cfg_dict.to_dict()) == ["x", "y"] * 3


def test_a_tool_refuses_one_folder_for_two_data_sets(tmp_path, run_tool):
    config = tmp_path / "both.py"
    config.write_text(
        f'_base_ = ["{VITS}"]\ntrain_dataloader = dict(dataset=dict(_delete_=True, **{ROOMS_AND_STREETS}))\n'
    )
    code, _, err = run_tool("print_config", config, "--data-root", "x")
    assert code == 2 and err.startswith("error: --data-root x: train_dataloader.dataset.datasets has 2 data sets")
    assert len(err.splitlines()) == 1
