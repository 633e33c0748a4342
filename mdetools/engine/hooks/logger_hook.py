"""When a line is logged."""

from mmengine.hooks import LoggerHook as MMEngineLoggerHook

from mdetools.registry import HOOKS

__all__ = ["LoggerHook"]


@HOOKS.register_module()
class LoggerHook(MMEngineLoggerHook):
    """MMEngine's, without its lines `Exp name: ...` between those of training, one every epoch."""

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Logs a training iteration where its turn has come, and the last of an epoch as `ignore_last` says."""
        loader = runner.train_dataloader
        last = self.end_of_epoch(loader, batch_idx) and (not self.ignore_last or len(loader) <= self.interval)
        if last or self.every_n_inner_iters(batch_idx, self.interval):
            tags, line = runner.log_processor.get_log_after_iter(runner, batch_idx, "train")
            runner.logger.info(line)
            runner.visualizer.add_scalars(tags, step=runner.iter + 1, file_path=self.json_log_path)
