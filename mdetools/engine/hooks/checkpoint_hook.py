"""When checkpoints are written, and which are kept."""

import math
from numbers import Real
from pathlib import Path

from mmengine.dist import is_main_process
from mmengine.hooks import Hook

from mdetools.engine.checkpoints.files import checkpoints_in, point_to_last
from mdetools.errors import UserError
from mdetools.registry import HOOKS

__all__ = ["CheckpointHook"]


@HOOKS.register_module()
class CheckpointHook(Hook):
    """Writes a checkpoint after every epoch, every so many iterations if asked to, and the best model's weights.

    A checkpoint that a run can resume from is written only where the optimiser has just stepped: with gradient
    accumulation the epoch's checkpoint may come a few iterations into the next one. Of a run that goes on in its work
    dir, the older checkpoints there are counted too. The one that it goes on from is kept besides while it runs; one
    that the user named is kept for ever.

    Args:
        interval_epochs: epochs between checkpoints; the last epoch always has one.
        interval_iters: iterations between further checkpoints inside an epoch; None writes none.
        max_keep: how many of them to keep; the best model's file is kept besides.
        best: the metric by which `best_<metric>.pth` is chosen, with its prefix if it has one, such as `nyu/d1`, whose
            file is `best_nyu_d1.pth`; None writes no such file.
        greater_is_better: the direction of `best`; None takes what the metric says by its `higher_is_better`, a mapping
            of its columns, and lower, with a warning, where it says nothing.

    Raises:
        UserError: if an interval or `max_keep` is below 1.
    """

    priority = "VERY_LOW"
    changes_training = False

    def __init__(
        self,
        interval_epochs: int = 1,
        interval_iters: int | None = None,
        max_keep: int = 2,
        best: str | None = "abs_rel",
        greater_is_better: bool | None = None,
    ) -> None:
        counts = {"interval_epochs": interval_epochs, "interval_iters": interval_iters, "max_keep": max_keep}
        for name, count in counts.items():
            if count is not None and count < 1:
                raise UserError(f"CheckpointHook: {name} is {count}, expected 1 or more")
        self.interval_epochs = interval_epochs
        self.interval_iters = interval_iters
        self.max_keep = max_keep
        self.best = best
        self.greater_is_better = greater_is_better
        self.best_score: float | None = None
        self.due = False
        self.written: list[str] = []  # names of the files that `max_keep` counts, the oldest first
        self.named: list[str] = []  # of those that the user went on from by name
        self.scored: tuple[int, dict[str, float]] | None = None  # iteration and scores of the last validation

    def state_dict(self) -> dict:
        """The best score so far, and the checkpoints that the user named."""
        return {"best_score": self.best_score, "named": list(self.named)}

    def load_state_dict(self, state: dict) -> None:
        """Takes what `state_dict` gave.

        Raises:
            TypeError: if it is something else.
        """
        score, named = state["best_score"], state.get("named", [])
        if not isinstance(score, int | float | None) or not all(isinstance(name, str) for name in named):
            raise TypeError(f"best_score is {score!r} and named {named!r}")
        self.best_score = score
        self.named = list(named)

    def before_train(self, runner) -> None:
        """Asks the metrics for the direction of `best`, and looks what is in the work dir."""
        if self.best is not None and self.greater_is_better is None and runner.val_loop is not None:
            self.greater_is_better = self._higher_is_better(runner)
        if not self._best_path(runner).is_file():
            self.best_score = None
        source = runner.resumes_from and Path(runner.resumes_from)
        if source and source.is_file() and source.parent.resolve() == runner.work_path.resolve():
            self._go_on_from(source.name, runner)
        earlier = [path.name for path in checkpoints_in(runner.work_path, len(runner.train_dataloader))]
        if earlier and not source:
            runner.logger.warning(
                f"{runner.work_path} has checkpoints of an earlier run, up to {earlier[-1]}; this one starts from the "
                "beginning and may replace them; to go on stop it and give --resume, else another --work-dir"
            )

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Writes a checkpoint inside an epoch."""
        iteration = runner.iter + 1
        if self.interval_iters and iteration % self.interval_iters == 0:
            self.due = True
        if batch_idx + 1 < len(runner.train_dataloader):  # at an epoch's end the schedulers step first
            self._write_if_due(runner, iteration)

    def after_train_epoch(self, runner) -> None:
        """Writes an epoch's checkpoint."""
        if self.every_n_epochs(runner, self.interval_epochs) or self.is_last_train_epoch(runner):
            self.due = True
        self._write_if_due(runner, runner.iter)

    def after_val_epoch(self, runner, metrics: dict[str, float] | None = None) -> None:
        """Writes the best model's weights."""
        self.scored = (runner.iter, dict(metrics or {}))
        if self.best is None or not metrics or runner.iter == 0:
            return
        if self.best not in metrics:
            raise UserError(
                f"CheckpointHook: no metric '{self.best}' to choose the best by; found: {', '.join(metrics)}"
            )
        score = float(metrics[self.best])
        if not math.isfinite(score):
            runner.logger.warning(f"{self.best} is {score}: not taken for the best model")
        elif self.best_score is None or (
            score > self.best_score if self.greater_is_better else score < self.best_score
        ):
            self.best_score = score
            runner.save_weights(self._best_path(runner), runner.iter)
            runner.logger.info(f"best {self.best} so far: {score:.4f}")

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Notes what a validation of these very weights gave, for whoever publishes them."""
        iteration, metrics = self.scored or (None, {})
        numbers = {name: float(value) for name, value in metrics.items() if isinstance(value, Real)}
        finite = {name: number for name, number in numbers.items() if math.isfinite(number)}
        if finite and checkpoint["meta"]["iter"] == iteration:
            checkpoint["meta"]["metrics"] = finite

    def write_last(self, runner) -> None:
        """Writes the checkpoint of the last finished iteration, unless it is there or the optimiser has not stepped."""
        self.due = self._name(runner, runner.iter) not in self.written
        self._write_if_due(runner, runner.iter)

    def _go_on_from(self, source: str, runner) -> None:
        """Counts the run's files up to its checkpoint, which is not counted; notes the one that the user named."""
        if runner.resumes_named:
            self.named = list(dict.fromkeys([*self.named, source]))
            if is_main_process():
                point_to_last(runner.work_path / source)  # where the run goes on if it is killed before the next one
        done = checkpoints_in(runner.work_path, len(runner.train_dataloader))
        kept = {source, *self.named}
        self.written = [path.name for path, done in done.items() if done <= runner.iter and path.name not in kept]

    def _higher_is_better(self, runner) -> bool:
        """Whether a higher `best` is better."""
        for metric in runner.val_loop.evaluator.metrics:
            prefix = f"{metric.prefix}/" if getattr(metric, "prefix", None) else ""
            column = self.best.removeprefix(prefix)
            directions = getattr(metric, "higher_is_better", {}) if self.best.startswith(prefix) else {}
            if column in directions:
                return directions[column]
        runner.logger.warning(
            f"CheckpointHook: no metric says whether a higher '{self.best}' is better, and so the lowest is the best; "
            "set default_hooks.checkpoint.greater_is_better, or give the metric a higher_is_better that has it"
        )
        return False

    def _best_path(self, runner) -> Path:
        return runner.work_path / f"best_{str(self.best).replace('/', '_')}.pth"

    @staticmethod
    def _name(runner, iteration: int) -> str:
        epoch, within = divmod(iteration, len(runner.train_dataloader))
        return f"iter_{iteration}.pth" if within else f"epoch_{epoch}.pth"

    def _write_if_due(self, runner, iteration: int) -> None:
        if not self.due or not runner.optim_wrapper.should_update():
            return
        self.due = False
        name = self._name(runner, iteration)
        written = [*(one for one in self.written if one != name), name]
        outdated, self.written = written[: -self.max_keep], written[-self.max_keep :]
        runner.save_checkpoint(runner.work_path / name, iteration)
        if is_main_process():
            point_to_last(runner.work_path / name)
            for old in outdated:
                if old not in self.named:
                    (runner.work_path / old).unlink(missing_ok=True)
