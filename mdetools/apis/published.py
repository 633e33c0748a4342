"""Models that are one file, those that come with mdetools among them."""

from pathlib import Path

from mmengine.config import Config

from mdetools.apis.inference.preparing import resize_config
from mdetools.apis.inferencer import DepthInferencer
from mdetools.engine.configs.checking import check_config
from mdetools.engine.configs.components import check_component
from mdetools.engine.configs.plain_data import check_plain, check_runs_nothing
from mdetools.engine.configs.slots import Slot
from mdetools.errors import UserError, one_line
from mdetools.models.model_config import without_training
from mdetools.registry import TRANSFORMS
from mdetools.weights.published import Published, require_published
from mdetools.weights.shipped import find_published, shipped_models

__all__ = ["DEFAULT_MODEL", "load", "published_parts", "shipped_models"]

DEFAULT_MODEL = "mdetools-tiny"


def load(name_or_file: str | Path = DEFAULT_MODEL, device: str | None = None, **options) -> DepthInferencer:
    """A model that is one file, ready to predict.

    >>> import numpy as np
    >>> image = np.zeros((48, 64, 3), np.uint8)
    >>> load("mdetools-tiny", device="cpu")(image)[0].map.shape
    (48, 64)

    Args:
        name_or_file: the name of a model that comes with mdetools, or a file of safetensors with a header as
            `mdetools.weights.published` describes it. The header is data: it names registered components, and nothing
            in it is run or downloaded.
        device: where to run; None takes the GPU if there is one.
        options: further ones of `DepthInferencer`, such as `precision`.

    Raises:
        UserError: if there is no such model or file, or it is damaged, or its header is not what it should be.
    """
    path = find_published(name_or_file)
    published = require_published(path, "give its config too, e.g. tools/infer.py CONFIG CKPT INPUT")
    inferencer = DepthInferencer(config_of(published, path), str(path), device, **options)
    output = getattr(inferencer.model.head, "output", None)
    given = getattr(output, "quantity", published.quantity)
    if given != published.quantity:
        raise UserError(
            f"'{path}': its header says that it predicts '{one_line(published.quantity, 40)}', and its model predicts "
            f"'{given}'; download it again"
        )
    return inferencer


def published_parts(cfg: Config) -> dict[str, dict]:
    """What of a config a published file holds: `model`, without its training, and `resize`, in plain values.

    Args:
        cfg: with `model`, and a `Resize` in the pipeline of its `test_dataloader`.

    Raises:
        UserError: if it has no such `Resize`.
    """
    return {"model": without_training(cfg.model.to_dict()), "resize": resize_config(cfg)}


def config_of(published: Published, path: Path) -> Config:
    """The config in a header, checked: it is data, made of registered components.

    Raises:
        UserError: if it is anything else.
    """
    pipeline = {"resize": {"type": "Resize", **published.resize}}
    try:
        for part in (published.model, pipeline):
            check_plain(part, classes=False)
            check_runs_nothing(part)
        model = without_training(published.model)
        check_config(Config({"model": model}))
        check_component("resize", pipeline["resize"], Slot((TRANSFORMS,)))
    except UserError as error:
        raise UserError(f"'{path}': its header: {error}") from error
    return Config({"model": model, "test_dataloader": {"dataset": {"pipeline": pipeline}}})
