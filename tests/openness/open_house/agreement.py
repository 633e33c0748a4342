"""Checks at the end of a training that all processes have the same model."""

from mmengine.dist import all_gather_object
from mmengine.hooks import Hook

from mdetools.registry import HOOKS


@HOOKS.register_module()
class AgreementHook(Hook):
    """Logs that the weights of all processes, and their teachers', are equal to the bit; an error if they are not."""

    def after_train(self, runner):
        model = runner.bare_model
        teachers = [step.teacher.module for step in model.data_preprocessor.steps.values() if hasattr(step, "teacher")]
        sums = [value.double().sum().item() for part in (model, *teachers) for value in part.state_dict().values()]
        everywhere = all_gather_object(sums)
        assert all(one == sums for one in everywhere)
        runner.logger.info(f"{len(everywhere)} process(es) agree on {len(sums)} weights")
