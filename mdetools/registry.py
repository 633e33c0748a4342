"""Every registry of mdetools. A component is found by its class name once its folder is imported, which is lazy.

Registries that MMEngine has too are its children, so that MMEngine's own components stay reachable by name.
"""

import inspect
import pkgutil
import warnings
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

import mmengine.registry as mmengine_roots
from mmengine.registry import Registry as MMEngineRegistry

from mdetools.errors import UserError, one_line, suggest

__all__ = [
    "BACKBONES", "BATCH_STEPS", "DATASETS", "DATA_SAMPLERS", "EVALUATOR", "FUNCTIONS", "HEADS", "HOOKS",
    "LOG_PROCESSORS", "LOOPS", "LOSSES", "METRICS", "MODELS", "MODEL_WRAPPERS", "OPTIMIZERS", "OPTIM_WRAPPERS",
    "OPTIM_WRAPPER_CONSTRUCTORS", "OUTPUTS", "PARAM_SCHEDULERS", "RUNNERS", "TRANSFORMS", "VISBACKENDS", "VISUALIZERS",
    "Registry", "load_plugins",
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


def _import_failure(name: str) -> BaseException | None:
    """What the import of a dotted path's module raises, which MMEngine swallows; None if nothing.

    It has to come before MMEngine's own attempt: at a second import the components that the module registered before
    it failed are in the way, and that would be the reason told. A failure alone does not condemn the name, which may
    lie inside a class.
    """
    module = name.rpartition(".")[0]
    try:
        if module:
            import_module(module)
    except (Exception, SystemExit) as error:  # whatever a user's module may raise
        return error
    return None


class Registry(MMEngineRegistry):
    """MMEngine's registry, plus plugins from entry points and errors that name the nearest right name.

    What is found by a dotted path, with no registration, must be of the registry's kind: so neither a module nor
    `os.system` is a component.

    Attributes:
        kind: the base class of such components, as `module:Class`, or the method that they have, such as `__call__`.
    """

    def __init__(self, name: str, *locations: str, kind: str, parent: MMEngineRegistry | None = None) -> None:
        super().__init__(name, parent=parent, scope="mdetools", locations=list(locations))
        self.kind = kind

    def import_from_location(self) -> None:
        """Imports this registry's folder and the plugins, once."""
        super().import_from_location()
        load_plugins()

    def get(self, key: str) -> type | None:
        """Returns the component called `key`; a name without a dot is never imported.

        Raises:
            UserError: if a dotted path gives something that is no component of this kind.
        """
        if "." in key:
            component = super().get(key)
        else:
            self.import_from_location()
            component = next((one.module_dict[key] for one in self._lineage() if key in one.module_dict), None)
        if component is not None and not self.holds(component):
            raise UserError(f"'{key}' is {self._describe(component)}, expected {self.expected()}")
        return component

    def find(self, name: str) -> type | None:
        """Returns the component called `name` (a registered name or a dotted path), or None.

        Raises:
            UserError: if `name` is a dotted path whose module cannot be imported, or that gives no such component.
        """
        failure = _import_failure(name)
        try:
            component = self.get(name)
        except UserError:
            raise
        except (Exception, SystemExit):  # MMEngine imports the module, and one called `registry`, once more
            component = None
        if component is None and failure is not None:
            reason = one_line(f"{type(failure).__name__}: {failure}")
            raise UserError(
                f"the dotted path '{name}' cannot be imported: {reason}; fix that, or the path, or install its package"
            ) from failure
        return component

    def holds(self, component: object) -> bool:
        """Whether something is registered here, or is in no other registry and of this one's kind."""
        if any(component is one for registry in self._lineage() for one in registry.module_dict.values()):
            return True
        return home_of(component) is None and self._is_of_kind(component)

    def _lineage(self) -> list[MMEngineRegistry]:
        return [self] if self.parent is None else [self, self.parent]

    def _is_of_kind(self, component: object) -> bool:
        if self.kind == "function":
            return inspect.isfunction(component)
        if not inspect.isclass(component):
            return False
        if self.kind.startswith("__"):
            return any(self.kind in vars(base) for base in component.__mro__)
        return issubclass(component, pkgutil.resolve_name(self.kind))

    def expected(self) -> str:
        """`a loss (a class derived from torch.nn.Module)`."""
        what = f"a class derived from {self.kind.replace(':', '.')}"
        if self.kind == "function":
            what = "written in Python"
        elif self.kind.startswith("__"):
            what = f"a class that has {self.kind}"
        return f"{with_article(self.name)} ({what})"

    def _describe(self, component: object) -> str:
        home = home_of(component)
        if home is not None and home is not self:
            return with_article(home.name)
        what = type(component).__name__ if not inspect.isclass(component) else "class"
        return f"the {what.replace('_', ' ')} {getattr(component, '__name__', '')}".rstrip()

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


def with_article(name: str) -> str:
    """`a head`, `an output`."""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def home_of(component: object) -> Registry | None:
    """The first registry of mdetools that a component is registered in."""
    registries = [one for one in globals().values() if isinstance(one, Registry)]
    return next((one for one in registries for known in one.module_dict.values() if known is component), None)


BACKBONES = Registry("backbone", "mdetools.models.backbones", kind="torch.nn:Module")
HEADS = Registry("head", "mdetools.models.heads", kind="torch.nn:Module")
OUTPUTS = Registry("output", "mdetools.models.heads", kind="torch.nn:Module")
LOSSES = Registry("loss", "mdetools.models.losses", kind="torch.nn:Module")
BATCH_STEPS = Registry("batch step", "mdetools.models.batch_steps", kind="__call__")
MODELS = Registry("model", "mdetools.models", kind="torch.nn:Module", parent=mmengine_roots.MODELS)
MODEL_WRAPPERS = Registry(
    "model wrapper", "mdetools.engine.wrappers", kind="torch.nn:Module", parent=mmengine_roots.MODEL_WRAPPERS
)

DATASETS = Registry("dataset", "mdetools.datasets", kind="__getitem__", parent=mmengine_roots.DATASETS)
TRANSFORMS = Registry("transform", "mdetools.datasets.transforms", kind="__call__", parent=mmengine_roots.TRANSFORMS)
DATA_SAMPLERS = Registry(
    "data sampler", "mdetools.engine.samplers", kind="torch.utils.data:Sampler", parent=mmengine_roots.DATA_SAMPLERS
)

METRICS = Registry(
    "metric", "mdetools.evaluation.metrics", kind="mmengine.evaluator:BaseMetric", parent=mmengine_roots.METRICS
)
EVALUATOR = Registry("evaluator", kind="mmengine.evaluator:Evaluator", parent=mmengine_roots.EVALUATOR)
VISUALIZERS = Registry(
    "visualizer", "mdetools.visualization", kind="mmengine.visualization:Visualizer", parent=mmengine_roots.VISUALIZERS
)
VISBACKENDS = Registry("vis_backend", kind="mmengine.visualization:BaseVisBackend", parent=mmengine_roots.VISBACKENDS)

RUNNERS = Registry("runner", "mdetools.engine.runner", kind="mmengine.runner:Runner", parent=mmengine_roots.RUNNERS)
LOOPS = Registry("loop", "mdetools.engine.loops", kind="mmengine.runner:BaseLoop", parent=mmengine_roots.LOOPS)
HOOKS = Registry("hook", "mdetools.engine.hooks", kind="mmengine.hooks:Hook", parent=mmengine_roots.HOOKS)
LOG_PROCESSORS = Registry(
    "log processor",
    "mdetools.engine.log_processor",
    kind="mmengine.runner:LogProcessor",
    parent=mmengine_roots.LOG_PROCESSORS,
)
OPTIMIZERS = Registry("optimizer", kind="torch.optim:Optimizer", parent=mmengine_roots.OPTIMIZERS)
OPTIM_WRAPPERS = Registry(
    "optimizer wrapper",
    "mdetools.engine.optim",
    kind="mmengine.optim:BaseOptimWrapper",
    parent=mmengine_roots.OPTIM_WRAPPERS,
)
OPTIM_WRAPPER_CONSTRUCTORS = Registry(
    "optimizer wrapper constructor",
    "mdetools.engine.optim",
    kind="__call__",
    parent=mmengine_roots.OPTIM_WRAPPER_CONSTRUCTORS,
)
PARAM_SCHEDULERS = Registry(
    "parameter scheduler",
    "mdetools.engine.optim",
    kind="mmengine.optim:_ParamScheduler",
    parent=mmengine_roots.PARAM_SCHEDULERS,
)
FUNCTIONS = Registry("function", kind="function", parent=mmengine_roots.FUNCTIONS)
