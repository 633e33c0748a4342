"""A progress bar on a terminal; the log's plain lines are all that a file sees."""

import sys
from contextlib import ExitStack

from mmengine.dist import is_main_process
from mmengine.hooks import Hook

from mdetools.registry import HOOKS

__all__ = ["ProgressHook"]


@HOOKS.register_module()
class ProgressHook(Hook):
    """Shows one bar with an ETA for training, validation and test while stderr is a terminal."""

    changes_training = False

    def __init__(self) -> None:
        self.shown = is_main_process() and sys.stderr.isatty()
        self.bar = None
        self.training_bar = None
        self.stack = ExitStack()

    def before_run(self, runner) -> None:
        """Sends log lines past the bar."""
        if self.shown:
            from tqdm.contrib.logging import logging_redirect_tqdm

            self.stack.enter_context(logging_redirect_tqdm([runner.logger]))

    def after_run(self, runner) -> None:
        """Gives the terminal back."""
        self.stack.close()

    def before_train(self, runner) -> None:
        """Begins at the iteration that the run resumes at."""
        self.training_bar = self._open("training", runner.max_iters, initial=runner.iter)

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Advances the training bar."""
        self._advance(self.training_bar)

    def after_train(self, runner) -> None:
        """Closes the training bar."""
        self._close(self.training_bar)

    def before_val_epoch(self, runner) -> None:
        """Opens the validation bar below."""
        self.bar = self._open("validation", len(runner.val_dataloader))

    def before_test_epoch(self, runner) -> None:
        """Opens the test bar."""
        self.bar = self._open("test", len(runner.test_dataloader))

    def after_val_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Advances the validation bar."""
        self._advance(self.bar)

    after_test_iter = after_val_iter

    def after_val_epoch(self, runner, metrics: dict | None = None) -> None:
        """Closes the validation bar."""
        self._close(self.bar)

    after_test_epoch = after_val_epoch

    def _open(self, title: str, total: int, initial: int = 0):
        if not self.shown:
            return None
        from tqdm import tqdm

        return tqdm(desc=title, total=total, initial=initial, leave=False, dynamic_ncols=True, unit="it")

    @staticmethod
    def _advance(bar) -> None:
        if bar is not None:
            bar.update()

    @staticmethod
    def _close(bar) -> None:
        if bar is not None:
            bar.close()
