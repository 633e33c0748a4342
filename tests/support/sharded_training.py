"""Tiny trainings of a model that is shared out, beside those of replicas, and what each step of them gave."""

import json
from pathlib import Path

from mmengine.dist import all_gather_object, is_main_process
from mmengine.hooks import Hook
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.geometry import masked_mean
from mdetools.registry import HOOKS, LOSSES
from mdetools.weights.files import read_checkpoint
from support.tiny_training import in_child, in_two_processes, train

__all__ = ["PER_IMAGE", "SGD", "SHARDED", "StepsHook", "run"]

SHARDED = {"model_wrapper_cfg": {"type": "FullyShardedModel"}}
SGD = {"optim_wrapper.optimizer": {"_delete_": True, "type": "SGD", "lr": 0.01, "momentum": 0.9}}
# A mean over images, so that two processes of two images each have the gradient of one process of four.
PER_IMAGE = {"model.losses": {"_delete_": True, "depth": {"type": "MeanPerImageLoss"}}}
ALWAYS = {"visualizer.vis_backends": [], "default_hooks.pictures": None, "default_hooks.checkpoint.max_keep": 99}


@LOSSES.register_module()
class MeanPerImageLoss(nn.Module):
    """The mean over images of each one's mean relative error."""

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        truth, valid = targets["depth"], targets["valid_mask"]
        error = (prediction["depth"] - truth).abs() / truth.where(valid, truth.new_ones(()))
        return masked_mean(error, valid, (1, 2, 3)).mean()


@HOOKS.register_module()
class StepsHook(Hook):
    """Writes the loss, as the mean over processes, and the norm of the gradients of each step."""

    changes_training = False

    def __init__(self, file: str) -> None:
        self.file = Path(file)

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        losses = all_gather_object(float(outputs["loss"]))
        norms = runner.message_hub.log_scalars.get("train/grad_norm")  # none before the first step of an accumulation
        norm = norms.current() if norms else 0.0
        if is_main_process():
            with self.file.open("a") as file:
                file.write(json.dumps([runner.iter + 1, sum(losses) / len(losses), norm]) + "\n")


def run(
    config: Path, folder: Path, options: dict, processes: int = 2, resume: str | None = None, resume_with=(), code=0
) -> tuple[list[list[float]], dict, str]:
    """Trains in one process or in two.

    Returns:
        iteration, loss and norm of each step; the last checkpoint, empty if `code` is not 0; and the log.
    """
    folder.mkdir(exist_ok=True)
    rows, log = folder / "steps", folder / "log"
    rows.unlink(missing_ok=True)
    hooks = [*options.get("custom_hooks", []), {"type": "StepsHook", "file": str(rows)}]
    options = ALWAYS | options | {"custom_hooks": hooks}
    start, launcher = (in_child, "none") if processes == 1 else (in_two_processes, "pytorch")
    assert start(log, train, config, folder, options, resume, launcher, resume_with) == code, log.read_text()
    steps = [json.loads(line) for line in rows.read_text().splitlines()] if rows.exists() else []
    return steps, {} if code else read_checkpoint(folder / "epoch_2.pth"), log.read_text()
