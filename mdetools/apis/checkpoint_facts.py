"""What a checkpoint says of its training, and which of its weights are meant."""

from collections.abc import Mapping
from typing import Literal

from torch import Tensor

from mdetools.apis.evaluation.origin import class_name, sources_of, trained_on
from mdetools.errors import UserError, one_line
from mdetools.weights.config_text import parse_config_text

__all__ = ["Which", "facts_of", "is_averaged", "plain_weights"]

Which = Literal["ema", "plain"]

NO_NUMBERS_OF_PLAIN = ("metrics", "protocol", "tested_on")


def facts_of(content: Mapping, source: str, plain: bool = False) -> dict:
    """What is known of a model from the checkpoint that its training wrote; nothing where that says nothing.

    Args:
        content: as `read_checkpoint` gives it.
        source: name of the file, for errors.
        plain: whether the weights of the last step are taken from a training that averages, which scored the others.

    Returns:
        Of `trained_on` (data sets, by class, folder and split), `weights`, `iterations`, `metrics` (numbers by their
        names), `protocol` (how they were measured) and `tested_on` (on what), those that are known.

    Raises:
        UserError: if its config cannot be read.
    """
    meta, config = content.get("meta", {}), _config(content, source)
    facts = {"trained_on": _named(trained_on(content, source))}
    if is_averaged(content, source):
        facts["weights"] = "of the last step" if plain else "averaged over the training (EMA)"
    if type(meta.get("iter")) is int:
        facts["iterations"] = meta["iter"]
    metrics = meta.get("metrics")
    if isinstance(metrics, Mapping):
        facts["metrics"] = {str(name): value for name, value in metrics.items() if isinstance(value, int | float)}
        facts["protocol"] = "; ".join(map(_evaluator_text, _configs(config.get("val_evaluator"))))
        loader = config.get("val_dataloader")
        facts["tested_on"] = _named(sources_of(loader.get("dataset") if isinstance(loader, Mapping) else None))
    left_out = NO_NUMBERS_OF_PLAIN if plain and "weights" in facts else ()
    return {name: value for name, value in facts.items() if value and name not in left_out}


def is_averaged(content: Mapping, source: str) -> bool:
    """Whether the weights of a checkpoint, its `state_dict`, are those that an `EMAHook` averaged."""
    config = _config(content, source)
    hooks = [hook for key in ("default_hooks", "custom_hooks") for hook in _configs(config.get(key))]
    return "ema_state_dict" in content or any(class_name(hook.get("type")) == "EMAHook" for hook in hooks)


def plain_weights(content: Mapping, source: str) -> dict[str, Tensor] | None:
    """The weights of the last step, where the checkpoint of a training that averages holds them beside the average.

    Returns:
        The state dict; None if the training does not average, so that `state_dict` is it.

    Raises:
        UserError: if the file has the average alone.
    """
    if not is_averaged(content, source):
        return None
    others = content.get("ema_state_dict")
    if not isinstance(others, Mapping):
        raise UserError(
            f"'{source}' holds averaged weights alone, as best_*.pth of a training with EMAHook do; take epoch_*.pth "
            "or iter_*.pth for those of the last step"
        )
    return {name.removeprefix("module."): value for name, value in others.items() if name != "steps"}


def _config(content: Mapping, source: str) -> dict:
    meta = content.get("meta", {})
    return parse_config_text(meta.get("cfg", ""), source) if "mdetools_version" in meta else {}


def _configs(entry: object) -> list[Mapping]:
    """The configs in an entry that is one, or a list or a dict of some."""
    if isinstance(entry, Mapping) and "type" not in entry:
        entry = list(entry.values())
    entries = entry if isinstance(entry, list | tuple) else [entry]
    return [one for one in entries if isinstance(one, Mapping)]


def _evaluator_text(config: Mapping) -> str:
    arguments = ", ".join(f"{name}={value!r}" for name, value in config.items() if name != "type")
    return one_line(f"{class_name(config.get('type'))}({arguments})", 300)


def _named(sources: list | None) -> list[dict]:
    return [source._asdict() for source in sources or []]
