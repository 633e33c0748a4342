"""A model shared out between two gloo processes trains as two replicas do, and its checkpoints are the same files.

The tolerance of float32 sums: losses and norms of the gradients to 1e-5 of themselves, weights to 1e-6.
"""

import json
import math
from pathlib import Path

import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.logging import MMLogger
from support.sharded_training import PER_IMAGE, SGD, SHARDED, run
from support.tiny_training import in_child, in_two_processes, tiny_config, write_nyu_frames
from torch import nn

from mdetools.engine.configs.loading import load_config
from mdetools.engine.process.distributed import start_process_group
from mdetools.engine.runner import Runner
from mdetools.engine.wrappers.fully_sharded import FullyShardedModel, units_at
from mdetools.engine.wrappers.options import wrapper_options
from mdetools.errors import UserError

EMA = {"default_hooks.ema": {"type": "EMAHook", "momentum": 0.1}}
CLIPPED = {"optim_wrapper.clip_grad.max_norm": 0.01}
AGAIN = {"model.backbone.grad_checkpointing": True}
BY_MMENGINE = {"activation_checkpointing": [f"backbone.vit.blocks.{index}" for index in range(4)]}
LARGEST = {"optim_wrapper.clip_grad.norm_type": float("inf"), "optim_wrapper.clip_grad.max_norm": 0.01}
ACCUMULATION = {"optim_wrapper.accumulative_counts": 2}
BF16 = {"optim_wrapper.type": "AmpOptimWrapper", "optim_wrapper.dtype": "bf16"}


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """Eight frames: two steps an epoch of two images in each of two processes, or of four in one."""
    folder = tmp_path_factory.mktemp("eight")
    return tiny_config(folder / "tiny.py", write_nyu_frames(folder / "data", train=8, val=3))


def largest_difference(left, right):
    assert left.keys() == right.keys()
    return max(float((left[name].double() - right[name].double()).abs().max()) for name in left)


def assert_same_run(left, right, weights=1e-6):
    (ours, checkpoint, _), (others, other, _) = left, right
    assert ours == [pytest.approx(row, rel=1e-5) for row in others[-len(ours) :]]
    for part in {"state_dict", "ema_state_dict"} & other.keys():
        assert largest_difference(checkpoint[part], other[part]) < weights
    states, theirs = (one["parts"]["optim_wrapper"]["state"] for one in (checkpoint, other))
    assert states.keys() == theirs.keys() and states
    assert max(largest_difference(states[number], theirs[number]) for number in states) < weights


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [EMA | CLIPPED, AGAIN | ACCUMULATION | LARGEST, BY_MMENGINE], ids=["ema", "again", "key"]
)
def test_two_parts_train_as_two_replicas(config, tmp_path, options):
    """With averaged weights and a clipping that bites, by the norm of the whole gradients; with recomputed blocks."""
    replicas = run(config, tmp_path / "replicas", options)
    parts = run(config, tmp_path / "parts", options | SHARDED)
    assert [row[0] for row in parts[0]] == [1, 2, 3, 4]
    if "default_hooks.ema" in options:
        assert all(row[2] > 0.1 for row in parts[0]), "the clipping does nothing"
        average, trained = parts[1]["state_dict"], parts[1]["ema_state_dict"]
        assert not average["head.output_conv3.weight"].equal(trained["module.head.output_conv3.weight"])
    assert_same_run(parts, replicas)


@pytest.mark.slow
def test_killed_and_resumed_ends_with_the_same_bits(config, tmp_path):
    whole = run(config, tmp_path / "whole", SHARDED | EMA)
    kill = {"custom_hooks": [{"type": "KillHook", "moment": "step", "iteration": 3}]}
    run(config, tmp_path / "killed", SHARDED | EMA | kill, code=-9)
    resumed = run(config, tmp_path / "killed", SHARDED | EMA, resume="auto")
    assert resumed[0] == whole[0][-1:]
    assert_same_run(resumed, whole, weights=1e-30)


@pytest.mark.slow
@pytest.mark.parametrize("first, then", [(2, 1), (1, 2)])
def test_another_number_of_processes_goes_on(config, tmp_path, first, then):
    """Against the run that was never stopped, whose batches of four images are those of the other number."""
    options = SHARDED | SGD | PER_IMAGE | EMA
    batch = {1: {"train_dataloader.batch_size": 4}, 2: {"train_dataloader.batch_size": 2}}
    whole = run(config, tmp_path / "whole", options | batch[first], first)
    source = str(tmp_path / "whole" / "iter_1.pth")
    refused = run(config, tmp_path / "refused", options | batch[then], then, source, code=1)[2]
    assert f"world_size {first} (now {then})" in refused
    keys = ["world_size", "train_dataloader.batch_size"]
    gone_on = run(config, tmp_path / "then", options | batch[then], then, source, keys)
    assert [row[0] for row in gone_on[0]] == [2, 3, 4] and gone_on[1]["meta"]["world_size"] == then
    assert_same_run(gone_on, whole)
    alone = "FullyShardedModel has nothing to share out in one process, which trains the whole model"
    assert [alone in one[2] for one in (whole, gone_on)] == [first == 1, then == 1]


@pytest.mark.slow
def test_a_step_that_is_not_finite_in_one_process_is_left_out_in_all(config, tmp_path):
    """Of the gradient's parts too, of which the log names the first."""
    loss = {"type": "support.faulty_loss.FaultyLoss", "fault": "gradient", "iterations": [2], "rank": 1}
    steps, _, log = run(config, tmp_path / "run", SHARDED | {"model.losses": {"_delete_": True, "faulty": loss}})
    assert [math.isfinite(norm) for *_, norm in steps] == [True, False, True, True]
    assert "iteration 2: step skipped: the gradient of backbone.vit.cls_token is not finite" in log


@pytest.mark.slow
def test_channels_last_is_refused_in_one_line(config, tmp_path):
    hook = {"default_hooks.channels_last": {"type": "ChannelsLastHook"}}
    log = run(config, tmp_path / "run", SHARDED | hook, code=1)[2]
    assert "UserError: ChannelsLastHook cannot lay out the weights of a FullyShardedModel; set default_hooks" in log


def score(config, folder, launcher, weights, options):
    """What tools/test.py does."""
    cfg = load_config(str(config), options | {"test_evaluator.out_file": str(folder / f"{launcher}.json")})
    cfg.merge_from_dict({"work_dir": str(folder), "launcher": launcher, "load_from": str(weights)})
    for key in ("train_dataloader", "train_cfg", "optim_wrapper", "param_scheduler"):
        cfg.pop(key)
    Runner.from_cfg(cfg).test()


@pytest.mark.slow
def test_the_best_weights_score_the_same_in_one_process_and_shared_out(config, tmp_path):
    run(config, tmp_path / "run", SHARDED | EMA)
    best = tmp_path / "run" / "best_abs_rel.pth"
    options = {"visualizer.vis_backends": [], "default_hooks.pictures": None}
    for start, launcher, more in ((in_child, "none", {}), (in_two_processes, "pytorch", SHARDED)):
        log = tmp_path / launcher
        assert start(log, score, config, tmp_path, launcher, best, options | more) == 0, log.read_text()
    one, two = (json.loads((tmp_path / f"{launcher}.json").read_text()) for launcher in ("none", "pytorch"))
    assert two["mean"] == pytest.approx(one["mean"], abs=1e-6) and one["num_images"] == two["num_images"] == 3


@pytest.mark.slow
def test_half_precision_is_that_of_the_config(config, tmp_path):
    """bf16 has 8 bits: losses within 1 % of those of replicas under autocast; moments and weights stay float32."""
    replicas = run(config, tmp_path / "replicas", BF16)
    parts = run(config, tmp_path / "parts", BF16 | SHARDED)
    assert [row[1] for row in parts[0]] == pytest.approx([row[1] for row in replicas[0]], rel=0.01)
    assert [row[1] for row in parts[0]] != [row[1] for row in replicas[0]]
    tensors = [*parts[1]["state_dict"].values(), parts[1]["parts"]["optim_wrapper"]["state"][0]["exp_avg"]]
    assert {tensor.dtype for tensor in tensors} == {torch.float32}


class Toy(nn.Module):
    """A backbone of two blocks, and a head."""

    def __init__(self, scale=False):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
        self.head = nn.Linear(3, 1)
        if scale:
            self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, image):
        return self.head(self.backbone(image).float())


def look_at_toys(out: Path):
    """Writes the types seen in a forward pass, sizes of parts, first weights, and what two mistakes are told."""
    start_process_group("pytorch")
    rank = torch.distributed.get_rank()
    torch.manual_seed(rank)  # different weights, which must become those of the first
    toy = Toy()
    own = toy.head.weight.detach().clone()
    seen = {}
    toy.backbone[0].register_forward_hook(lambda unit, *_: seen.update(block=str(unit.weight.dtype)))
    toy.head.register_forward_hook(lambda unit, *_: seen.update(head=str(unit.weight.dtype)))
    model = FullyShardedModel(toy, units=("backbone", "head"), dtype="bf16")
    with torch.autocast("cpu", torch.bfloat16):
        model(torch.ones(2, 3)).sum().backward()
    seen["rows"] = len(toy.backbone[0].weight.to_local())
    seen["gradient"] = str(toy.backbone[0].weight.grad.dtype)
    seen["own"], seen["shared"] = own.tolist(), toy.head.weight.full_tensor().tolist()
    for name, arguments in {"scalar": (Toy(scale=True), ("head",)), "path": (Toy(), ("haed",))}.items():
        with pytest.raises(UserError) as caught:
            FullyShardedModel(*arguments)
        seen[name] = str(caught.value)
    (out / str(rank)).write_text(json.dumps(seen))


def test_units_their_types_and_mistakes(tmp_path):
    assert in_two_processes(tmp_path / "log", look_at_toys, tmp_path) == 0, (tmp_path / "log").read_text()
    first, second = (json.loads((tmp_path / str(rank)).read_text()) for rank in range(2))
    assert (first["rows"], second["rows"]) == (2, 1)
    assert first["own"] == first["shared"] == second["shared"] != second["own"]
    assert (first["block"], first["head"]) == ("torch.bfloat16", "torch.float32") and first["gradient"].endswith("32")
    assert "the model's part itself (Toy) cannot be shared out (fully_shard doesn't support scalar" in first["scalar"]
    assert first["path"].startswith("FullyShardedModel: the model has no module 'haed' to share out; did you mean 'hea")


def test_mistakes_without_other_processes():
    with pytest.raises(UserError, match="FullyShardedModel in a process without others; start with torchrun"):
        FullyShardedModel(Toy())
    with pytest.raises(UserError, match="'0' has no parameters to share out; take it out of model_wrapper_cfg.units"):
        units_at(nn.ModuleList([nn.ReLU()]), "0")


def options_of(wrapper, distributed=True, **cfg):
    return wrapper_options(wrapper, Toy(), ConfigDict(cfg), distributed, MMLogger.get_current_instance())


def test_the_config_s_precision_is_the_wrapper_s():
    wrapper, training = {"type": "FullyShardedModel"}, {"train_cfg": {"max_epochs": 1}}
    amp = {"optim_wrapper": {"type": "AmpOptimWrapper"}}
    assert options_of(wrapper, **training, **amp)["dtype"] == "bf16"
    assert "dtype" not in options_of(wrapper, **training) | options_of(wrapper, **amp)  # a test is in float32
    amp["optim_wrapper"]["dtype"] = "fp16"
    with pytest.raises(UserError, match="trains in bf16 or float32, not in fp16; use --amp bf16, or --amp off"):
        options_of(wrapper, **training, **amp)
    assert options_of(None, distributed=False) is None
