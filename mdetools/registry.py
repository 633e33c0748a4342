"""Every registry of mdetools. A component is found by its class name once its folder is imported, which is lazy.

Registries that MMEngine has too are its children, so that MMEngine's own components stay reachable by name.
"""

import warnings
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

import mmengine.registry as mmengine_roots
from mmengine.registry import Registry as MMEngineRegistry

from mdetools.errors import UserError, one_line, suggest

__all__ = [
    "BACKBONES", "BATCH_STEPS", "DATASETS", "DATA_SAMPLERS", "EVALUATOR", "HEADS", "HOOKS", "LOG_PROCESSORS", "LOOPS",
    "LOSSES", "METRICS", "MODELS", "MODEL_WRAPPERS", "OPTIMIZERS", "OPTIM_WRAPPERS", "OPTIM_WRAPPER_CONSTRUCTORS",
    "OUTPUTS", "PARAM_SCHEDULERS", "RUNNERS", "TRANSFORMS", "VISBACKENDS", "VISUALIZERS", "Registry", "load_plugins",
]  # fmt: skip

PLUGIN_GROUP = "mdetools.plugins"


@cache
def load_plugins() -> None:
    """Imports every installed package that declares an entry point in the group `mdetools.plugins`.

    One that cannot be imported is named in a warning, and leaves the rest usable.
    """
    for entry_point in entry_points(group=PLUGIN_GROUP):
        try:
            entry_point.load()
        except Exception as error:  # whatever a user's module may raise
            reason = one_line(f"{type(error).__name__}: {error}")
            warnings.warn(
                f"the plugin '{entry_point.name}' ({entry_point.value}) cannot be imported: {reason}; its components "
                "are missing: fix or uninstall it",
                stacklevel=2,
            )


def _import_failure(name: str) -> Exception | None:
    """What the import of a dotted path's module raises, which MMEngine swallows; None if nothing.

    It has to come before MMEngine's own attempt: at a second import the components that the module registered before
    it failed are in the way, and that would be the reason told. A failure alone does not condemn the name, which may
    lie inside a class.
    """
    module = name.rpartition(".")[0]
    try:
        if module:
            import_module(module)
    except Exception as error:  # whatever a user's module may raise
        return error
    return None


class Registry(MMEngineRegistry):
    """MMEngine's registry, plus plugins from entry points and errors that name the nearest right name."""

    def __init__(self, name: str, *locations: str, parent: MMEngineRegistry | None = None) -> None:
        super().__init__(name, parent=parent, scope="mdetools", locations=list(locations))

    def import_from_location(self) -> None:
        """Imports this registry's folder and the plugins, once."""
        super().import_from_location()
        load_plugins()

    def find(self, name: str) -> type | None:
        """Returns the component called `name` (a registered name or a dotted path), or None.

        Raises:
            UserError: if `name` is a dotted path whose module cannot be imported.
        """
        failure = _import_failure(name)
        try:
            component = self.get(name)
        except RuntimeError:  # MMEngine's answer to a dotted path whose import raised anything but an ImportError
            component = None
        if component is None and failure is not None:
            reason = one_line(f"{type(failure).__name__}: {failure}")
            raise UserError(
                f"the dotted path '{name}' cannot be imported: {reason}; fix that, or the path, or install its package"
            ) from failure
        return component

    def names(self) -> list[str]:
        """All names that can stand in `type=`, MMEngine's included, sorted."""
        self.import_from_location()
        inherited = self.parent.module_dict if self.parent is not None else {}
        return sorted({*self.module_dict, *inherited})

    def build(self, cfg: dict, *args, **kwargs):
        """Builds the component that `cfg["type"]` names.

        >>> LOSSES.build(dict(type="SiLogLoss", lam=0.85)).lam
        0.85

        Raises:
            UserError: if nothing of that name is registered, or a dotted path cannot be imported.
        """
        kind = cfg.get("type") if isinstance(cfg, dict) else None
        if isinstance(kind, str) and self.find(kind) is None:
            raise UserError(self.unknown(kind))
        return super().build(cfg, *args, **kwargs)

    def unknown(self, name: str) -> str:
        """The sentence that tells a user that `name` is not registered, with the nearest right name."""
        listed = f"expected one of: {', '.join(sorted(self.module_dict))}"
        return (
            f"no {self.name} is called '{name}'; {suggest(name, self.names(), listed)} "
            "(`python tools/list_components.py` lists all)"
        )


BACKBONES = Registry("backbone", "mdetools.models.backbones")
HEADS = Registry("head", "mdetools.models.heads")
OUTPUTS = Registry("output", "mdetools.models.heads")
LOSSES = Registry("loss", "mdetools.models.losses")
BATCH_STEPS = Registry("batch step", "mdetools.models.batch_steps")
MODELS = Registry("model", "mdetools.models", parent=mmengine_roots.MODELS)
MODEL_WRAPPERS = Registry("model wrapper", parent=mmengine_roots.MODEL_WRAPPERS)

DATASETS = Registry("dataset", "mdetools.datasets", parent=mmengine_roots.DATASETS)
TRANSFORMS = Registry("transform", "mdetools.datasets.transforms", parent=mmengine_roots.TRANSFORMS)
DATA_SAMPLERS = Registry("data sampler", "mdetools.engine.samplers", parent=mmengine_roots.DATA_SAMPLERS)

METRICS = Registry("metric", "mdetools.evaluation.metrics", parent=mmengine_roots.METRICS)
EVALUATOR = Registry("evaluator", parent=mmengine_roots.EVALUATOR)
VISUALIZERS = Registry("visualizer", "mdetools.visualization", parent=mmengine_roots.VISUALIZERS)
VISBACKENDS = Registry("vis_backend", parent=mmengine_roots.VISBACKENDS)

RUNNERS = Registry("runner", "mdetools.engine.runner", parent=mmengine_roots.RUNNERS)
LOOPS = Registry("loop", "mdetools.engine.loops", parent=mmengine_roots.LOOPS)
HOOKS = Registry("hook", "mdetools.engine.hooks", parent=mmengine_roots.HOOKS)
LOG_PROCESSORS = Registry("log processor", "mdetools.engine.log_processor", parent=mmengine_roots.LOG_PROCESSORS)
OPTIMIZERS = Registry("optimizer", parent=mmengine_roots.OPTIMIZERS)
OPTIM_WRAPPERS = Registry("optimizer wrapper", "mdetools.engine.optim", parent=mmengine_roots.OPTIM_WRAPPERS)
OPTIM_WRAPPER_CONSTRUCTORS = Registry(
    "optimizer wrapper constructor",
    "mdetools.engine.optim",
    parent=mmengine_roots.OPTIM_WRAPPER_CONSTRUCTORS,
)
PARAM_SCHEDULERS = Registry("parameter scheduler", "mdetools.engine.optim", parent=mmengine_roots.PARAM_SCHEDULERS)
