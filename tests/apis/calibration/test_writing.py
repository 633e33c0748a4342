"""The calibrated config inherits from wherever it lies, and trains and resumes."""

import errno

import pytest
import torch
from mmengine.config import Config
from support.bent_depth import write_trained
from support.paths import ROOT
from support.tiny_training import in_child, train
from support.user_errors import user_error

from mdetools.apis.calibration.fitting import Fit
from mdetools.apis.calibration.writing import calibrated_config, inheriting, output_of, unaligned, write_calibrated
from mdetools.engine.configs.loading import load_config
from mdetools.errors import UserError
from mdetools.evaluation import get_protocol
from mdetools.registry import MODELS
from mdetools.weights.loading import load_whole

FIT = Fit("log_depth", 1.11, -0.29, 1e-3, 10.0)
INVERSE = Fit("inverse_depth", 0.3, 0.05, 1e-3, 10.0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return write_trained(tmp_path_factory.mktemp("trained"), val=3)


def write(config, out, fit=FIT, options=None, checkpoint=None):
    """Writes a calibration of a config's model; returns the new config's path."""
    cfg = load_config(str(config), options)
    model = MODELS.build(cfg.model)
    if checkpoint is not None:
        load_whole(model, checkpoint)
    written = calibrated_config(cfg, output_of(cfg, model), fit)
    return write_calibrated(out, str(config), written, model, "first line\nsecond line")


def check(path, out, config, fit=FIT):
    """That a written pair agrees, and differs from the config that it inherits from in its output alone."""
    cfg, plain = load_config(str(path)), load_config(str(config))
    output = cfg.model.head.output
    assert (output.type, output.space, output.scale, output.shift) == (
        "CalibratedOutput",
        fit.space,
        fit.scale,
        fit.shift,
    )
    assert output.output == plain.model.head.output
    cfg.model.head.output = plain.model.head.output
    assert {key: cfg[key] for key in cfg} == {key: plain[key] for key in plain}
    load_whole(MODELS.build(load_config(str(path)).model), out)
    assert path.read_text().startswith("# Written by tools/calibrate.py.\n# first line\n# second line\n\n_base_ = [")


@pytest.mark.parametrize("folder", [".", "deeper/and deeper", "it's"])
def test_it_inherits_from_any_folder(trained, tmp_path, folder):
    out = tmp_path / folder / "c.pth"
    check(write(trained.right[0], out), out, trained.right[0])


def test_it_inherits_through_a_linked_folder_and_by_a_relative_path(trained, tmp_path, monkeypatch):
    (tmp_path / "far/away").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far/away")
    check(write(trained.right[0], tmp_path / "link/c.pth"), tmp_path / "link/c.pth", trained.right[0])
    monkeypatch.chdir(trained.right[0].parent)
    (tmp_path / "here").mkdir()
    check(write("right.py", tmp_path / "here/c.pth"), tmp_path / "here/c.pth", "right.py")


def test_a_tree_that_is_moved_as_a_whole_still_works(trained, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one/base.py").write_text(trained.right[0].read_text())
    write(tmp_path / "one/base.py", tmp_path / "one/runs/c.pth")
    (tmp_path / "one").rename(tmp_path / "two")
    check(tmp_path / "two/runs/c.py", tmp_path / "two/runs/c.pth", tmp_path / "two/base.py")


@pytest.mark.slow
def test_a_config_that_comes_with_mdetools_and_one_that_is_data(trained, tmp_path):
    config = ROOT / "configs/dav2/vits_nyu_quickstart.py"
    check(write(config, tmp_path / "c.pth"), tmp_path / "c.pth", config)
    (tmp_path / "data.yaml").write_text(f"_base_: {config}\n")
    check(write(tmp_path / "data.yaml", tmp_path / "d.pth"), tmp_path / "d.pth", tmp_path / "data.yaml")


def test_options_of_the_call_are_in_the_config(trained, tmp_path):
    options = {"model.backbone.drop_path_rate": 0.1, "val_dataloader.dataset.pipeline.resize.size": 42}
    options |= {"model.losses": dict(_delete_=True, l=dict(type="SiLogLoss", lam=0.8)), "work_dir": "elsewhere"}
    path = write(trained.right[0], tmp_path / "c.pth", options=options)
    expected, cfg = load_config(str(trained.right[0]), options), load_config(str(path))
    cfg.model.head.output = expected.model.head.output
    assert {key: cfg[key] for key in cfg} == {key: expected[key] for key in expected}


def test_what_a_head_gives_without_an_output_is_written_out(trained, tmp_path):
    path = write(trained.right[0], tmp_path / "c.pth", options={"model.head.output": None})
    assert load_config(str(path)).model.head.output.output == {"type": "SigmoidDepth"}
    load_whole(MODELS.build(load_config(str(path)).model), tmp_path / "c.pth")


def test_a_calibrated_model_may_be_calibrated_again(trained, tmp_path):
    first = write(*(trained.right[0], tmp_path / "1.pth"), checkpoint=trained.right[1])
    second = write(first, tmp_path / "2.pth", Fit("depth", 2.0, 0.5, 1e-3, 10.0), checkpoint=tmp_path / "1.pth")
    image = torch.randn(1, 3, 28, 28, generator=torch.Generator().manual_seed(0))
    depths = []
    for config, checkpoint in ((first, tmp_path / "1.pth"), (second, tmp_path / "2.pth")):
        model = MODELS.build(load_config(str(config)).model).eval()
        load_whole(model, checkpoint)
        with torch.inference_mode():
            depths.append(model(image)["depth"])
    assert depths[0].std() > 0.1
    torch.testing.assert_close(depths[1], (2 * depths[0] + 0.5).clamp_max(10))


@pytest.mark.parametrize(
    ("evaluator", "expected"),
    [
        (dict(type="DepthMetric", protocol="nyu"), ["nyu"]),
        (dict(type="DepthMetric"), ["nyu"]),
        (dict(type="DepthMetric", protocol="nyu_lstsq_disparity"), ["nyu_lstsq_disparity_unaligned"]),
        (
            [dict(type="DepthMetric", prefix="a", protocol=dict(base="nyu_median", max_depth=5.0)),
             dict(type="DepthMetric", prefix="b", protocol="nyu_eigen")],
            ["custom_unaligned", "nyu_eigen"],
        ),
    ],
)  # fmt: skip
def test_what_is_metric_is_not_aligned_to_each_image(trained, tmp_path, evaluator, expected):
    options = {"test_evaluator": evaluator | {"_delete_": True} if isinstance(evaluator, dict) else evaluator}
    cfg = load_config(str(write(trained.right[0], tmp_path / "c.pth", options=options)))
    metrics = cfg.test_evaluator if isinstance(cfg.test_evaluator, list) else [cfg.test_evaluator]
    protocols = [get_protocol(metric.get("protocol", "nyu")) for metric in metrics]
    assert [protocol.name for protocol in protocols] == expected
    assert {protocol.alignment for protocol in protocols} == {"none"}


def test_a_protocol_loses_its_alignment_and_nothing_else():
    for given in ("kitti_garg_80_median", dict(base="nyu_lstsq_depth", max_depth=4.0), "nyu_eigen"):
        before, after = get_protocol(given), get_protocol(unaligned(given))
        assert (after.min_depth, after.max_depth, after.crop, after.silog) == (
            before.min_depth, before.max_depth, before.crop, before.silog,
        )  # fmt: skip
        assert after.alignment == "none" and after.name != before.name


@pytest.mark.parametrize(
    ("base", "new"),
    [
        (dict(a=1, b=dict(c=2, d=3)), dict(a=1, b=dict(c=2, d=4))),
        (dict(b=dict(c=2, d=3)), dict(b=dict(c=2))),
        (dict(b=dict(type="X", c=2)), dict(b=dict(type="Y", c=2, e=dict(f=1)))),
        (dict(b=None), dict(b=dict(c=1))),
        (dict(b=dict(c=1)), dict(b=None)),
        (dict(b=[1, dict(c=1)]), dict(b=[1, dict(c=2)])),
        (dict(b="text"), dict(b=dict(c=dict(d=1)), n=dict(e=2))),
    ],
)
def test_what_inherits_a_dict_gives_the_new_one(tmp_path, base, new):
    (tmp_path / "base.py").write_text(f"x = {base!r}\n")
    (tmp_path / "heir.py").write_text(f"_base_ = ['base.py']\nx = {inheriting(base, new)!r}\n")
    assert Config.fromfile(tmp_path / "heir.py").x == new


def test_a_base_that_cannot_be_inherited_from_leaves_nothing(tmp_path):
    (tmp_path / "lazy.py").write_text(
        "from mmengine.config import read_base\nwith read_base():\n    from .empty import *\n"
        "model = dict(type='Estimator', backbone=dict(type='AlexNetFCN'), head=dict(type='CoarseToFineHead'))\n"
    )
    (tmp_path / "empty.py").touch()
    lazy = load_config(str(tmp_path / "lazy.py"))
    user_error(
        lambda: write_calibrated(tmp_path / "c.pth", str(tmp_path / "lazy.py"), lazy, MODELS.build(lazy.model), "x"),
        "c.py' cannot be read",
    )
    assert sorted(path.name for path in tmp_path.glob("*.p*")) == ["empty.py", "lazy.py"]


def test_a_checkpoint_that_cannot_be_written_leaves_no_config(trained, tmp_path, monkeypatch):
    def full(checkpoint, file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    user_error(lambda: write(trained.right[0], tmp_path / "c.pth"), "c.pth: cannot be written (the disk is full)")
    assert list(tmp_path.iterdir()) == []


def trained_on(config, checkpoint, folder, options=None):
    """An epoch from a calibrated checkpoint, and a second one after a resume with these options."""
    train(config, folder / "run", {"load_from": str(checkpoint), "train_cfg.max_epochs": 1})
    try:
        train(config, folder / "run", options, resume="auto", resume_with=["train_cfg.max_epochs"])
    except UserError as error:
        (folder / "error").write_text(str(error))


@pytest.mark.slow
def test_a_calibrated_model_trains_on_and_resumes(trained, tmp_path):
    path, log = write(trained.right[0], tmp_path / "c.pth", checkpoint=trained.right[1]), tmp_path / "log"
    assert in_child(log, trained_on, path, tmp_path / "c.pth", tmp_path) == 0, log.read_text()
    assert not (tmp_path / "error").exists()
    before, after = (torch.load(tmp_path / name)["state_dict"] for name in ("c.pth", "run/epoch_2.pth"))
    assert torch.equal(after["head.output.calibration"], before["head.output.calibration"])
    assert not torch.equal(after["head.output_conv3.weight"], before["head.output_conv3.weight"])


@pytest.mark.slow
def test_a_run_is_not_resumed_with_another_calibration(trained, tmp_path):
    path, log = write(trained.right[0], tmp_path / "c.pth", checkpoint=trained.right[1]), tmp_path / "log"
    options = {"model.head.output.scale": 1.2}
    assert in_child(log, trained_on, path, tmp_path / "c.pth", tmp_path, options) == 0, log.read_text()
    assert "was written with model.head.output.scale 1.11 (now 1.2)" in (tmp_path / "error").read_text()


def train_refused(config, folder, options, resume):
    try:
        train(config, folder / "run", options, resume=resume)
    except UserError as error:
        (folder / "error").write_text(str(error))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "fit", "resume", "line"),
    [
        (
            "relative",
            INVERSE,
            None,
            "AffineInvariantLoss): needs a prediction of `inverse_depth`; the head gives `depth`",
        ),
        ("right", FIT, "c.pth", "holds weights alone and cannot be resumed; use load_from or pretrained.checkpoint"),
    ],
)
def test_what_cannot_be_trained_on_is_one_line(trained, tmp_path, kind, fit, resume, line):
    config, checkpoint = getattr(trained, kind)
    path = write(config, tmp_path / "c.pth", fit, checkpoint=checkpoint)
    resume = resume and str(tmp_path / resume)
    options = {} if resume else {"load_from": str(tmp_path / "c.pth")}
    in_child(tmp_path / "log", train_refused, path, tmp_path, options, resume)
    assert line in (tmp_path / "error").read_text()
