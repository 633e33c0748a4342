"""A loss or a gradient that is not finite costs its step, and no more; one that stays so ends the run in one line."""

import re
from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MessageHub, MMLogger
from support.faulty_loss import FAULTS
from support.tiny_training import in_child, in_two_processes, train
from torch import nn

from mdetools.engine.hooks import NonFiniteHook
from mdetools.engine.optim import OptimWrapper
from mdetools.errors import UserError
from mdetools.weights.files import read_checkpoint

QUIET = {"visualizer.vis_backends": [], "default_hooks.pictures": None, "default_hooks.checkpoint.max_keep": 9}
EMA = {"default_hooks.ema": {"type": "EMAHook", "momentum": 0.1, "ema_type": "ExponentialMovingAverage"}}


def fault(kind, iterations=None, rank=None):
    entry = {"type": "support.faulty_loss.FaultyLoss", "fault": kind, "iterations": iterations, "rank": rank}
    return {"model.losses": {"_delete_": True, "silog": entry}}


def differing(left, right):
    return [key for key in left if not torch.equal(left[key], right[key])]


def moments(checkpoint):
    state = checkpoint["parts"]["optim_wrapper"]["state"]
    return {f"{index}.{key}": value for index, entry in state.items() for key, value in entry.items()}


# A run of one model in this process, as the loop makes it.


class Run:
    """A runner's part of a training with the hook; `records` are what it logs."""

    def __init__(self, hook, counts=1, model=None):
        torch.manual_seed(0)
        self.bare_model = model or nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
        optimizer = torch.optim.SGD(self.bare_model.parameters(), lr=0.1)
        self.optim_wrapper = OptimWrapper(optimizer, accumulative_counts=counts)
        self.optim_wrapper.initialize_count_status(nn.Module(), 0, 100)
        self.message_hub = MessageHub.get_instance("nonfinite")
        self.logger = MMLogger("nonfinite", logger_name="nonfinite")
        self.records = []
        handler = SimpleNamespace(level=0, handle=lambda record: self.records.append(record.getMessage()))
        self.logger.handlers = [handler]
        self.hook = hook
        self.iter = 0
        hook.before_train(self)

    def step(self, kind=None, image=None):
        self.hook.before_train_iter(self, 0)
        image = torch.randn(8, 4) if image is None else image
        loss = self.bare_model(image).square().mean()
        loss = FAULTS[kind](loss) if kind else loss
        self.optim_wrapper.update_params(loss)
        batch = {"meta": {"id": [f"s{self.iter}", f"s{self.iter}b"]}}
        self.hook.after_train_iter(self, 0, batch, {"loss": loss, "loss_square": loss})
        self.iter += 1


def test_running_means_are_put_back_too():
    run = Run(NonFiniteHook())
    run.step()
    before = {key: value.clone() for key, value in run.bare_model.state_dict().items()}
    run.step(image=torch.full((8, 4), torch.nan))
    assert differing(before, run.bare_model.state_dict()) == []
    run.step()
    assert {"1.running_mean", "1.running_var", "1.num_batches_tracked"} < set(
        differing(before, run.bare_model.state_dict())
    )


def test_running_means_of_all_iterations_of_an_accumulated_step_are_put_back():
    run = Run(NonFiniteHook(), counts=2)
    run.step(), run.step()
    before = {key: value.clone() for key, value in run.bare_model.state_dict().items()}
    run.step()
    assert differing(before, run.bare_model.state_dict()) != []
    run.step("nan")
    assert differing(before, run.bare_model.state_dict()) == []
    assert run.hook.state_dict() == {"total": 1, "in_a_row": 1}


def test_one_warning_per_interval_with_the_count():
    run = Run(NonFiniteHook(interval=3))
    for kind in (None, "nan", "inf", "gradient", "inf", None, None, None, "gradient"):
        run.step(kind)
    assert run.records == [
        "iteration 2: step skipped: loss_square is nan (samples s1, s1b); 1 skipped so far",
        "iteration 5: step skipped: loss_square is inf (samples s4, s4b); 4 skipped so far",
        "iteration 9: step skipped: the gradient of 0.weight is not finite (samples s8, s8b); 5 skipped so far",
    ]
    run.hook.after_train(run)
    assert run.records[-1] == "5 steps of the training were not finite and were skipped"
    history, _ = run.message_hub.get_scalar("train/skipped_steps").data
    assert history[-9:].tolist() == [0, 1, 2, 3, 4, 4, 4, 4, 5]


def test_a_finite_step_begins_the_row_anew_and_the_count_goes_on_from_a_checkpoint():
    run = Run(NonFiniteHook(max_in_a_row=3))
    for kind in ("nan", "nan", None, "nan", "nan"):
        run.step(kind)
    later = NonFiniteHook(max_in_a_row=3)
    later.load_state_dict(run.hook.state_dict())
    assert later.state_dict() == {"total": 4, "in_a_row": 2}
    with pytest.raises(
        UserError, match="^3 steps in a row were not finite and were skipped, the last one at iteration"
    ):
        Run(later).step("gradient")


def test_the_samples_of_all_iterations_of_a_step_are_named_where_the_gradient_is_at_fault():
    run = Run(NonFiniteHook(), counts=2)
    run.step("gradient"), run.step()
    assert "(samples s0, s0b, s1, s1b)" in run.records[0]
    run.step(), run.step("inf")
    assert run.hook.total == 2


def test_weights_that_are_not_finite_from_the_start_are_refused():
    model = nn.Sequential(nn.Linear(4, 1), nn.BatchNorm1d(1))
    model[1].running_var.fill_(torch.inf)
    with pytest.raises(UserError, match="^the model's '1.running_var' is not finite before the first step; start from"):
        Run(NonFiniteHook(), model=model)


def test_weights_that_the_optimiser_spoilt_are_not_written():
    run = Run(NonFiniteHook())
    run.step()
    good = run.bare_model.state_dict()
    run.hook.before_save_checkpoint(run, {"state_dict": good})
    bad = good | {"2.weight": good["2.weight"] * torch.nan}
    with pytest.raises(UserError, match="^the model's '2.weight' is not finite though .* is not written and the ones"):
        run.hook.before_save_checkpoint(run, {"state_dict": bad})


def test_another_wrapper_is_told_what_it_lacks():
    from mmengine.optim import OptimWrapper as MMEngineOptimWrapper

    wrapper = MMEngineOptimWrapper(torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1))
    with pytest.raises(UserError, match="NonFiniteHook needs .* or set default_hooks.nonfinite=None$"):
        NonFiniteHook().before_train(SimpleNamespace(optim_wrapper=wrapper))


@pytest.mark.parametrize("option", ["max_in_a_row", "interval"])
@pytest.mark.parametrize("count", [0, -1])
def test_counts_below_one_are_mistakes(option, count):
    with pytest.raises(UserError, match=f"^NonFiniteHook: {option} is {count}, expected 1 or more$"):
        NonFiniteHook(**{option: count})


# Whole runs of six iterations in two epochs.


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("nan", EMA),
        ("gradient", {"optim_wrapper.clip_grad": None, **EMA}),
        ("inf", {"optim_wrapper.type": "AmpOptimWrapper"}),
    ],
)
def test_a_skipped_step_leaves_weights_moments_and_averages_and_takes_the_schedule_on(
    tiny_nyu, tmp_path, kind, options
):
    log = tmp_path / "log"
    assert in_child(log, train, tiny_nyu, tmp_path, QUIET | options | fault(kind, [5])) == 0, log.read_text()
    before, after, end = (read_checkpoint(tmp_path / name) for name in ("iter_4.pth", "iter_5.pth", "epoch_2.pth"))
    for part in ["state_dict", "ema_state_dict"] if EMA.keys() <= options.keys() else ["state_dict"]:
        assert differing(before[part], after[part]) == []
        assert differing(after[part], end[part]) != []
    assert differing(moments(before), moments(after)) == [] != differing(moments(after), moments(end))
    assert [part["parts"]["param_scheduler.lr"]["last_step"] for part in (before, after)] == [4, 5]
    assert end["parts"]["default_hooks.nonfinite"] == {"total": 1, "in_a_row": 0}
    warnings = [line for line in log.read_text().splitlines() if "skipped" in line and "WARNING" in line]
    assert len(warnings) == 2 and "iteration 5: step skipped: " in warnings[0]


@pytest.mark.slow
@pytest.mark.parametrize("iteration", [4, 5])
def test_a_resumed_run_that_crosses_or_follows_a_skipped_step_ends_with_the_same_bits(tiny_nyu, tmp_path, iteration):
    ends = []
    for name, kill in (("whole", []), ("killed", [{"type": "KillHook", "moment": "step", "iteration": iteration}])):
        options = QUIET | EMA | fault("nan", [5])
        code = in_child(tmp_path / "log", train, tiny_nyu, tmp_path / name, options | {"custom_hooks": kill})
        assert code == (-9 if kill else 0), (tmp_path / "log").read_text()
        if kill:
            assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path / name, options, "auto") == 0
        ends.append(read_checkpoint(tmp_path / name / "epoch_2.pth"))
    for part in ("state_dict", "ema_state_dict"):
        assert differing(ends[0][part], ends[1][part]) == []
    assert differing(*map(moments, ends)) == []
    assert [end["parts"]["default_hooks.nonfinite"]["total"] for end in ends] == [1, 1]


@pytest.mark.parametrize("kind", ["nan", "gradient"])
def test_a_run_that_stays_so_ends_with_one_line_and_its_last_good_checkpoints(tiny_nyu, tmp_path, kind):
    """From the second epoch on, so that the first one leaves a best checkpoint."""
    log = tmp_path / "log"
    options = QUIET | {"default_hooks.nonfinite.max_in_a_row": 2} | fault(kind, [4, 5, 6])
    assert in_child(log, train, tiny_nyu, tmp_path, options) == 1
    cause = "loss_silog is nan" if kind == "nan" else r"the gradient of backbone\.\S+ is not finite"
    assert re.fullmatch(
        "mdetools.errors.UserError: 2 steps in a row were not finite and were skipped, the last one at iteration 5: "
        rf"{cause} \(samples (scene/\d+, )*scene/\d+\); look at these samples, lower optim_wrapper.optimizer.lr, or "
        "raise default_hooks.nonfinite.max_in_a_row; the weights in the last checkpoint are finite",
        log.read_text().splitlines()[-1],
    )
    good = read_checkpoint(tmp_path / "epoch_1.pth")["state_dict"]
    for name in ("best_abs_rel.pth", "iter_4.pth"):
        assert differing(good, read_checkpoint(tmp_path / name)["state_dict"]) == []
    assert (tmp_path / "last_checkpoint").read_text() == "iter_4.pth"


def test_turned_off_the_loss_goes_through(tiny_nyu, tmp_path):
    options = QUIET | {"default_hooks.nonfinite": None, "default_hooks.checkpoint.interval_iters": None}
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path, options | fault("nan", [5])) == 0
    assert all(value.isnan().all() for value in read_checkpoint(tmp_path / "epoch_2.pth")["state_dict"].values())


@pytest.mark.parametrize(
    ("kind", "options", "last"),
    [
        ("inf", {}, 3),
        ("masked", EMA, 3),
        ("gradient", {"optim_wrapper.clip_grad": None}, 3),
        ("nan", {"optim_wrapper.accumulative_counts": 2, "default_hooks.checkpoint.interval_iters": 2}, 3),
    ],
)
def test_all_ranks_skip_together(tiny_nyu, tmp_path, kind, options, last):
    """Rank 1 alone is at fault, in the third of four iterations; both end with the same weights, which went on."""
    log = tmp_path / "log"
    options = QUIET | options | fault(kind, [last], rank=1)
    options |= {"custom_hooks": [{"type": "support.faulty_loss.KeepRanksHook", "folder": str(tmp_path)}]}
    assert in_two_processes(log, train, tiny_nyu, tmp_path, options, None, "pytorch") == 0, log.read_text()
    ranks = [torch.load(tmp_path / f"rank{rank}.pt") for rank in range(2)]
    assert [rank["total"] for rank in ranks] == [1, 1]
    for name in ("weights", "moments"):
        assert differing(ranks[0][name], ranks[1][name]) == []
    (line,) = [line for line in log.read_text().splitlines() if "step skipped" in line]
    told = "the gradient of backbone" if kind == "gradient" else f"loss_silog is {'inf' if kind == 'inf' else 'nan'}"
    assert told in line


def test_all_ranks_end_with_the_same_line(tiny_nyu, tmp_path):
    """Which names the loss of the rank at fault, and its samples alone."""
    log = tmp_path / "log"
    options = QUIET | {"default_hooks.nonfinite.max_in_a_row": 2} | fault("inf", rank=1)
    options |= {"train_dataloader.batch_size": 1, "train_dataloader.sampler.shuffle": False}
    assert in_two_processes(log, train, tiny_nyu, tmp_path, options, None, "pytorch") == 1
    line = "2 steps in a row were not finite and were skipped, the last one at iteration 2: loss_silog is inf (samples"
    assert {match[:-1] for match in re.findall(r"UserError: (.*?\);)", log.read_text())} == {f"{line} scene/00003)"}
