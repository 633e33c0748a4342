"""The words of the command line: `CONFIG:CKPT`, and what each model is called."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mdetools.apis.published import shipped_models
from mdetools.engine.configs.finding import CONFIG_ENDINGS, config_path
from mdetools.engine.configs.option_values import expand_home
from mdetools.engine.configs.packaged import known_configs
from mdetools.errors import UserError, one_line, suggest
from mdetools.reading import is_file
from mdetools.weights.folders import weight_files

__all__ = ["Candidate", "candidates_of", "check_labels"]


class Candidate(NamedTuple):
    """A model to be evaluated.

    Attributes:
        label: what it is called in the results.
        config: path of its config; None for a published file, which holds it itself.
        checkpoint: what `read_checkpoint` takes.
    """

    label: str
    config: str | None
    checkpoint: str


def split_model(text: str) -> tuple[str | None, str]:
    """The config's path and the checkpoint of `CONFIG:CKPT`, or None and the file of a published model.

    Either may have colons of its own, as on Windows: the config is what is there, and of several ways to read a text
    the one whose checkpoint is there is taken.

    Raises:
        UserError: if no part before a colon is a config.
    """
    published = shipped_models().get(text) or Path(str(expand_home(text)))
    if is_file(published) and not published.name.endswith(CONFIG_ENDINGS):
        return None, str(published)
    places = [place for place, character in enumerate(text) if character == ":"]
    pairs = [(config_path(text[:place]), str(expand_home(text[place + 1 :]))) for place in places]
    found = [(config, checkpoint) for config, checkpoint in pairs if config is not None and checkpoint]
    if found:
        return next((pair for pair in found if Path(pair[1]).exists()), found[0])
    shown = one_line(text, 200)
    if not any(checkpoint for _, checkpoint in pairs):
        hint = suggest(text, shipped_models(), "expected CONFIG:CKPT, e.g. dav2/vits_nyu:best.pth")
        raise UserError(f"--models '{shown}' names no checkpoint, nor a published model; {hint}")
    # As far as a drive letter's colon it names nothing
    config = next((text[:place] for place in places if place > 1), text[: places[0]])
    hint = suggest(config, known_configs(), "see configs/ for those that come with mdetools")
    raise UserError(f"--models '{shown}': no config '{one_line(config, 200)}'; {hint}")


def candidates_of(texts: Sequence[str], labels: Sequence[str] | None = None) -> list[Candidate]:
    """The models of `--models` and `--labels`.

    Without labels they are called by their configs; where two have the same, by the checkpoints too.

    Raises:
        UserError: if a config or a checkpoint is not there, there are more or fewer labels than models, or two models
            would be called the same.
    """
    pairs = [split_model(text) for text in texts]
    for _, checkpoint in pairs:
        check_checkpoint(checkpoint)
    if labels is not None and len(labels) != len(pairs):
        raise UserError(f"--labels has {len(labels)} names for {len(pairs)} models; give one for each")
    names = list(labels) if labels is not None else usual_labels(pairs)
    check_labels(names, "models", "--labels with a name for each")
    return [Candidate(name, *pair) for name, pair in zip(names, pairs, strict=True)]


def usual_labels(pairs: Sequence[tuple[str | None, str]]) -> list[str]:
    """The shortest of `config`, `config/checkpoint` and `config/folder/checkpoint` that no other model has."""
    forms = []
    for config, checkpoint in pairs:
        path = Path(checkpoint).absolute()
        stem = Path(config or checkpoint).stem
        forms.append((stem, f"{stem}/{path.stem}", f"{stem}/{path.parent.name}/{path.stem}"))
    counts = [Counter(form) for form in zip(*forms, strict=True)]
    return [next((name for name, count in zip(one, counts, strict=True) if count[name] == 1), one[-1]) for one in forms]


def check_labels(names: Sequence[str], what: str, cure: str) -> None:
    """Checks that each name stands for one thing.

    Raises:
        UserError: if one stands for two.
    """
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UserError(f"two {what} are called '{one_line(twice[0], 200)}'; give {cure}")


def check_checkpoint(checkpoint: str) -> None:
    """Checks that a checkpoint's files are there, before the first model takes its hours.

    Raises:
        UserError: if one is not.
    """
    if checkpoint.startswith("timm:"):
        return
    missing = [path for path in weight_files(Path(checkpoint)) if not path.is_file()]
    if missing:
        raise UserError(f"no checkpoint '{one_line(missing[0], 300)}'; name one that is there after the config's colon")


def nearest(name: str, known: Mapping[str, object], what: str) -> UserError:
    """The error about a name that nobody knows, with the nearest right one."""
    return UserError(f"{what} '{one_line(name, 200)}' is not known; {suggest(name, known)}")
