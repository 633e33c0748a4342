"""Which registry an entry of a config takes its component from, and what its builder adds to it."""

from typing import NamedTuple

from mdetools import registry
from mdetools.registry import Registry

__all__ = ["Slot", "holds_several", "slot_of"]


class Slot(NamedTuple):
    """What may stand in an entry.

    Attributes:
        registries: where its components are; the first is the usual one.
        given: arguments that whoever builds it adds; None if those have no fixed names.
        read: keys that whoever builds it reads, and the component never sees.
    """

    registries: tuple[Registry, ...]
    given: frozenset[str] | None = frozenset()
    read: frozenset[str] = frozenset({"_scope_"})


def _slot(*registries: Registry, given: str = "", read: str = "_scope_") -> Slot:
    return Slot(registries, frozenset(given.split()), frozenset(read.split()))


SCHEDULER = _slot(
    registry.PARAM_SCHEDULERS, given="optimizer param_name end epoch_length", read="_scope_ convert_to_iter_based"
)
# By the entry's name, or that of the list or dict that it is in.
SLOTS = {
    "model": _slot(registry.MODELS),
    "data_preprocessor": _slot(registry.MODELS),
    "backbone": _slot(registry.BACKBONES),
    "head": _slot(registry.HEADS, given="in_channels in_strides"),
    "output": _slot(registry.OUTPUTS),
    "losses.*": _slot(registry.LOSSES),
    "steps.*": _slot(registry.BATCH_STEPS),
    "dataset": _slot(registry.DATASETS),
    "datasets.*": _slot(registry.DATASETS),
    "pipeline.*": _slot(registry.TRANSFORMS),
    "sampler": _slot(registry.DATA_SAMPLERS, given="dataset seed"),
    "batch_sampler": _slot(registry.DATA_SAMPLERS, given="sampler batch_size drop_last"),
    "collate_fn": Slot((registry.FUNCTIONS,), None, frozenset()),
    "worker_init_fn": Slot((registry.FUNCTIONS,), None, frozenset()),
    "train_cfg": _slot(registry.LOOPS, given="runner dataloader"),
    "val_cfg": _slot(registry.LOOPS, given="runner dataloader evaluator"),
    "test_cfg": _slot(registry.LOOPS, given="runner dataloader evaluator"),
    "val_evaluator": _slot(registry.METRICS, registry.EVALUATOR),
    "test_evaluator": _slot(registry.METRICS, registry.EVALUATOR),
    "val_evaluator.*": _slot(registry.METRICS),
    "test_evaluator.*": _slot(registry.METRICS),
    "metrics": _slot(registry.METRICS),
    "metrics.*": _slot(registry.METRICS),
    "optim_wrapper": _slot(registry.OPTIM_WRAPPERS, given="optimizer", read="_scope_ constructor paramwise_cfg"),
    "optimizer": _slot(registry.OPTIMIZERS, given="params"),
    **dict.fromkeys(("param_scheduler", "param_scheduler.*"), SCHEDULER),
    "default_hooks.*": _slot(registry.HOOKS, read="_scope_ priority"),
    "custom_hooks.*": _slot(registry.HOOKS, read="_scope_ priority"),
    "visualizer": _slot(registry.VISUALIZERS, given="name vis_backends save_dir"),
    "vis_backends.*": _slot(registry.VISBACKENDS, given="save_dir"),
    "log_processor": _slot(registry.LOG_PROCESSORS),
    "model_wrapper_cfg": _slot(registry.MODEL_WRAPPERS, given="module device_ids broadcast_buffers"),
}


def slot_of(path: str, argument: bool = False) -> Slot | None:
    """The slot at a dotted path of a config, or None for an entry that only its owner understands.

    >>> slot_of("train_dataloader.dataset.pipeline.crop").registries[0].name
    'transform'

    Args:
        path: the path.
        argument: whether the entry is an argument of a component, not one of several components beside each other.
    """
    parent, _, name = path.rpartition(".")
    among_others = None if argument else SLOTS.get(f"{parent.rpartition('.')[2]}.*")
    return among_others or SLOTS.get(name)


def holds_several(path: str) -> bool:
    """Whether the entry at a dotted path may be a list or dict of components.

    >>> holds_several("model.losses"), holds_several("model.head")
    (True, False)
    """
    return f"{path.rpartition('.')[2]}.*" in SLOTS
