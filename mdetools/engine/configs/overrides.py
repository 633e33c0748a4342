"""What the command line changes of a config, by dotted keys."""

from mmengine.config import Config

from mdetools.errors import UserError, one_line

__all__ = ["apply_overrides"]


def apply_overrides(cfg: Config, options: dict) -> None:
    """Sets entries of `cfg`, in place, by dotted keys such as `model.head.features` or `custom_hooks.0.interval`.

    Raises:
        UserError: if a key has an empty part, or leads through what has no entries.
    """
    for key in options:
        _check_key(cfg._cfg_dict, str(key))
    try:
        cfg.merge_from_dict(options)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        keys = ", ".join(map(str, options))
        raise UserError(
            f"the options {one_line(keys, 200)} do not fit the config ({one_line(error, 150)}); set a whole entry, as "
            "in KEY=\"{'type': ...}\""
        ) from error


def _check_key(node: object, key: str) -> None:
    parts = key.split(".")
    if not all(part.strip() for part in parts):
        raise UserError(f"the option '{key}' has an empty part, expected names joined by single dots; correct it")
    for depth, part in enumerate(parts):
        path = ".".join(parts[:depth])
        if isinstance(node, list):
            if not (part.isascii() and part.isdigit() and int(part) < len(node)):
                raise UserError(f"the option '{key}': {path} is a list of {len(node)}, expected a number below that")
        elif not isinstance(node, dict):
            raise UserError(
                f"the option '{key}': {path} is {one_line(repr(node), 80)}, which has no entry '{part}'; set {path} "
                "as a whole"
            )
        elif part not in node:
            return
        node = node[int(part)] if isinstance(node, list) else node[part]
