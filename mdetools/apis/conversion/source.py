"""What is converted: the weights of a file of any format, and the model that they are of."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from mdetools.apis.checkpoint_facts import facts_of
from mdetools.apis.conversion.hugging_face_model import parts_of_folder
from mdetools.apis.published import config_of, published_parts
from mdetools.errors import UserError
from mdetools.models.model_config import without_training
from mdetools.registry import MODELS
from mdetools.weights.config_text import parse_config_text
from mdetools.weights.containers import container_of
from mdetools.weights.files import read_checkpoint
from mdetools.weights.folders import weight_files
from mdetools.weights.loading import load_matching, read_weights
from mdetools.weights.published import Published, read_published

__all__ = ["Source", "read_source"]


class Source(NamedTuple):
    """A model to convert.

    Attributes:
        path: of its file or folder.
        model: with its weights, in float32, ready to predict.
        state: these weights as the file has them, to the bit, under the names of mdetools.
        config: of the model, without its training.
        resize: config of the `Resize` of its images.
        licence: of the weights; empty if the file does not say.
        facts: what else it says, see `facts_of`.
    """

    path: Path
    model: nn.Module
    state: dict[str, Tensor]
    config: dict
    resize: dict
    licence: str
    facts: dict


def read_source(
    path: str | Path,
    cfg: Config | None = None,
    as_is: bool = False,
    check: Callable[[Mapping], None] = lambda model: None,
) -> Source:
    """Reads a checkpoint of any known format with its model.

    Args:
        path: the file, or a Hugging Face folder.
        cfg: config of the model; None takes what the file itself says, as checkpoints of mdetools, published files and
            Hugging Face folders do.
        as_is: load the weights even if they say that they were made for another model, or are not finite.
        check: is given the model's config before anything else is asked of it, and raises what is wrong with it.

    Raises:
        UserError: if the file cannot be read or does not fit, or nothing says what its model is.
    """
    path = Path(path)
    published = _published(path)
    if cfg is None:
        cfg = _own_config(path, published, check)
    check(cfg.model)
    init_default_scope(cfg.get("default_scope", "mdetools"))
    parts = published_parts(cfg)
    model = MODELS.build(without_training(cfg.model)).eval()
    content = read_weights(model, path, as_is=as_is or cfg.get("weights_as_is", False))
    load_matching(model, content["state_dict"], str(path))
    licence, facts = (published.licence, published.facts) if published else ("", facts_of(content, str(path)))
    return Source(path, model, content["state_dict"], parts["model"], parts["resize"], licence, facts)


def _published(path: Path) -> Published | None:
    files = weight_files(path)
    whole = len(files) == 1 and files[0].is_file() and container_of(files[0]) == "safetensors"
    return read_published(files[0]) if whole else None


def _own_config(path: Path, published: Published | None, check: Callable[[Mapping], None]) -> Config:
    """The config that a file or folder itself gives, checked as that of a stranger."""
    if published is not None:
        return config_of(published, path)
    parts = parts_of_folder(path)
    if parts is None:
        content = read_checkpoint(path)
        config = parse_config_text(content.get("meta", {}).get("cfg", ""), str(path))
        if not isinstance(config.get("model"), Mapping):
            raise UserError(
                f"'{path}' does not say of which model it is: whether depth is metric, its range, its blocks; give the "
                "model's config, e.g. --config dav2/vits_nyu, or dav2/vits_relative for relative depth"
            )
        check(config["model"])
        parts = published_parts(Config(config))
    return config_of(Published(path.stem, "", **parts, licence=""), path)
