"""What the JSON files of a Hugging Face Depth Anything folder say of its model, as claims."""

import re
from pathlib import Path

from mdetools.errors import UserError, one_line
from mdetools.weights.folders import INDEX, WHOLE, read_json

__all__ = ["claims_of_folder"]


def claims_of_folder(path: Path) -> dict[str, object]:
    """What `config.json` and `preprocessor_config.json` beside Hugging Face's files say; nothing of other files.

    How position embeddings are resampled stands in neither.

    Args:
        path: the folder, or its file of weights or index.

    Raises:
        UserError: if a value is none of its kind.
    """
    named = path.name in WHOLE or path.name.endswith(INDEX)
    folder = path.parent if named else path
    if not (folder / "config.json").is_file():
        return {}
    config = read_json(folder / "config.json")
    if config.get("model_type") != "depth_anything":
        return {}
    claims = _claims_of_output(config, folder / "config.json") | _claims_of_blocks(config, folder / "config.json")
    if (folder / "preprocessor_config.json").is_file():
        claims |= _claims_of_preprocessor(folder / "preprocessor_config.json")
    return claims


def _claims_of_output(config: dict, file: Path) -> dict[str, object]:
    kind = config.get("depth_estimation_type", "relative")
    if kind == "relative":
        return {"head.output.type": "ReluInverseDepth"}
    if kind != "metric":
        raise _unexpected(file, "depth_estimation_type", kind, "metric or relative")
    (max_depth,) = _numbers(config, "max_depth", 1.0, file, count=1)  # transformers' default
    return {"head.output.type": "SigmoidDepth", "head.output.max_depth": max_depth}


def _claims_of_blocks(config: dict, file: Path) -> dict[str, object]:
    backbone = config.get("backbone_config") or config.get("backbone_kwargs") or {}
    if not isinstance(backbone, dict):
        raise _unexpected(file, "backbone_config", backbone, "an object")
    indices, features = backbone.get("out_indices"), backbone.get("out_features")
    if isinstance(features, list) and all(re.fullmatch(r"stage\d{1,4}", str(name)) for name in features):
        return {"backbone.out_indices": tuple(int(name.removeprefix("stage")) - 1 for name in features)}
    if features is not None:
        raise _unexpected(file, "out_features", features, "names of stages, as stage3")
    if indices is None:
        return {}
    count = backbone.get("num_hidden_layers", 12)  # transformers' default; index 0 is the stem
    if not isinstance(indices, list) or not all(isinstance(index, int) for index in [*indices, count]):
        raise _unexpected(file, "out_indices", indices, "whole numbers")
    return {"backbone.out_indices": tuple((index if index >= 0 else index + count + 1) - 1 for index in indices)}


def _claims_of_preprocessor(file: Path) -> dict[str, object]:
    config = read_json(file)
    (factor,) = _numbers(config, "rescale_factor", 1 / 255, file, count=1)
    scale = 255 * (factor if config.get("do_rescale", True) else 1)
    mean, std = _numbers(config, "image_mean", 0.0, file), _numbers(config, "image_std", 1.0, file)
    if not config.get("do_normalize", True):
        mean, std = (0.0,) * 3, (1.0,) * 3
    if scale == 0:
        raise _unexpected(file, "rescale_factor", factor, "another number")
    # Ours are of images in [0, 1]
    return {
        "data_preprocessor.mean": tuple(round(number / scale, 6) for number in mean),
        "data_preprocessor.std": tuple(round(number / scale, 6) for number in std),
    }


def _numbers(config: dict, key: str, default: float, file: Path, count: int = 3) -> tuple[float, ...]:
    """The numbers at a key, one for each channel; a single one is that of all."""
    value = config.get(key)
    value = default if value is None else value
    numbers = value if isinstance(value, list) else [value] * count
    if len(numbers) != count or not all(isinstance(n, int | float) and abs(n) < 1e30 for n in numbers):
        raise _unexpected(file, key, value, "a number" if count == 1 else f"{count} numbers")
    return tuple(float(number) for number in numbers)


def _unexpected(file: Path, key: str, value: object, expected: str) -> UserError:
    return UserError(
        f"'{file}': {key} is {one_line(repr(value), 80)}, expected {expected}; correct it or download it again"
    )
