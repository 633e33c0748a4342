"""What weights say that they were trained for, compared with the model that is to take them.

A claim stands under its place in a model's config, such as `head.output.max_depth`. What one side does not say, a bare
file or a plugin's model with other parts, is not compared.
"""

import inspect
import math
from collections.abc import Mapping
from logging import Logger

from torch import Tensor, nn

from mdetools.errors import UserError, one_line
from mdetools.registry import BACKBONES, HEADS, MODELS, OUTPUTS
from mdetools.weights.config_text import class_name, parse_config_text
from mdetools.weights.parts import Parts

__all__ = ["claims_of_config", "claims_of_model", "compare_claims"]

BLOCKS, OFFSET = "backbone.out_indices", "backbone.pos_embed_offset"
NOTHING = inspect.Parameter.empty


def claims_of_model(model: nn.Module) -> dict[str, object]:
    """What a model is."""
    backbone, output = getattr(model, "backbone", None), getattr(getattr(model, "head", None), "output", None)
    preprocessor = getattr(model, "data_preprocessor", None)
    claims = {BLOCKS: getattr(backbone, "out_indices", None) or NOTHING}
    claims[OFFSET] = getattr(backbone, "pos_embed_offset", NOTHING)
    if output is not None:
        claims |= _claims_of_layer("head.output", output)
    for name in ("mean", "std"):
        numbers = getattr(preprocessor, name, None)
        if isinstance(numbers, Tensor):
            claims[f"data_preprocessor.{name}"] = tuple(round(number, 6) for number in numbers.flatten().tolist())
    return {key: value for key, value in claims.items() if value is not NOTHING}


def claims_of_config(text: str, source: str, model: nn.Module) -> dict[str, object]:
    """What the config in a checkpoint of mdetools says of its model.

    Args:
        text: of the config.
        source: name of the file, for the error.
        model: whose classes know what holds where the config says nothing.

    Raises:
        UserError: if the text is no config.
    """
    config = _mapping(parse_config_text(text, source).get("model"))
    claims = {}
    backbone, own = _mapping(config.get("backbone")), getattr(model, "backbone", None)
    if _is_of(backbone, own):
        defaults = _arguments(own)
        claims[OFFSET] = backbone.get("pos_embed_offset", defaults.get("pos_embed_offset", NOTHING))
        usual = getattr(own, "usual_out_indices", dict()).get(backbone.get("arch", defaults.get("arch")))
        claims[BLOCKS] = backbone.get("out_indices") or usual or NOTHING
    claims |= _claims_of_output(_mapping(config.get("head")), getattr(model, "head", None))
    preprocessor, own = _mapping(config.get("data_preprocessor")), getattr(model, "data_preprocessor", None)
    if config and own is not None and _is_of({"type": type(own).__name__} | preprocessor, own):
        for name in ("mean", "std"):
            claims[f"data_preprocessor.{name}"] = preprocessor.get(name, _arguments(own).get(name, NOTHING))
    return {key: value for key, value in claims.items() if value is not NOTHING}


def _claims_of_output(head: Mapping, own: nn.Module | None) -> dict[str, object]:
    output = head.get("output")
    if output is None and _is_of(head, own):
        output = getattr(own, "usual_output", None)
    return _claims_of_layers_config("head.output", _mapping(output), getattr(own, "output", None))


def _claims_of_layer(path: str, layer: nn.Module) -> dict[str, object]:
    """The arguments of an output layer, and of the one that it wraps."""
    claims = {f"{path}.type": type(layer).__name__}
    for name in _arguments(layer):
        value = getattr(layer, name, NOTHING)
        if isinstance(value, nn.Module):
            claims |= _claims_of_layer(f"{path}.{name}", value)
        else:
            claims[f"{path}.{name}"] = value
    return claims


def _claims_of_layers_config(path: str, config: Mapping, own: nn.Module | None) -> dict[str, object]:
    """Likewise, of an output layer's config."""
    if "type" not in config:
        return {}
    if not _is_of(config, own):
        return {f"{path}.type": class_name(config["type"])}
    claims = {f"{path}.type": type(own).__name__}
    for name, default in _arguments(own).items():
        value, inner = config.get(name, default), getattr(own, name, None)
        if isinstance(inner, nn.Module):
            claims |= _claims_of_layers_config(f"{path}.{name}", _mapping(value), inner)
        else:
            claims[f"{path}.{name}"] = value
    return claims


def compare_claims(
    claims: Mapping[str, object], model: nn.Module, source: str, parts: Parts, as_is: bool, logger: Logger
) -> None:
    """Compares what weights say with what a model is.

    Args:
        claims: of the weights.
        model: that is to take them.
        source: name of the file.
        parts: of the model that are to take them.
        as_is: whether a contradiction is told in a warning alone.
        logger: told what the weights do not say.

    Raises:
        UserError: if they contradict each other.
    """
    own = claims_of_model(model)
    keys = [key for key in own if parts.take(key)]
    differing = [key for key in keys if key in claims and not _same(key, claims[key], own[key])]
    if differing:
        said = {key: one_line(repr(claims[key]), 120) for key in differing}
        told = "; ".join(f"model.{key} is {said[key]} in the file and {own[key]!r} in the config" for key in differing)
        if not as_is:
            cure = "set " + " ".join(f"model.{key}={said[key]}".replace(", ", ",") for key in differing)
            if any("Calibrated" in str(value) for key in differing for value in (claims[key], own[key])):
                cure = "use the checkpoint and the config that were written beside each other"
            raise UserError(
                f"'{source}' was made for another model: {told}; {cure}, or load it all the same with "
                "--weights-as-is (in a config: weights_as_is=True)"
            )
        logger.warning(f"'{source}' is loaded as it is, though {told}")
    unsaid = [f"model.{key}" for key in keys if key not in claims]
    if unsaid:
        logger.info(f"'{source}' does not say for which {', '.join(unsaid)} it was made; those of the config are taken")


def _same(key: str, one: object, other: object) -> bool:
    if key == OFFSET:
        one, other = one or 0.0, other or 0.0  # None and 0 are both the exact size
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(_same("", a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-9)
    return one == other


def _arguments(component: object) -> dict[str, object]:
    """The arguments of a component's class with their defaults."""
    parameters = inspect.signature(type(component).__init__).parameters
    return {name: parameter.default for name, parameter in parameters.items() if name != "self"}


def _is_of(config: Mapping, component: object) -> bool:
    """Whether a config is of a component's class, under one of its registered names or its own."""
    name, kind = class_name(config.get("type")), type(component)
    registered = (registry.module_dict.get(name) for registry in (BACKBONES, HEADS, OUTPUTS, MODELS))
    return component is not None and (name == kind.__name__ or kind in registered)


def _mapping(value: object) -> Mapping:
    return value if isinstance(value, Mapping) else {}
