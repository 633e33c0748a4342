"""What the command line changes of a config, by dotted keys."""

from mmengine.config import Config

from mdetools.errors import UserError, one_line

__all__ = ["apply_overrides"]


def apply_overrides(cfg: Config, options: dict) -> None:
    """Sets entries of `cfg`, in place, by dotted keys such as `model.head.features` or `custom_hooks.0.interval`.

    Raises:
        UserError: if a key is none, or leads through what has no entries.
    """
    elements = {key: value for key, value in options.items() if _check_key(cfg._cfg_dict, str(key), value)}
    try:
        cfg.merge_from_dict({key: value for key, value in options.items() if key not in elements})
        for key, value in elements.items():
            _set_element(cfg._cfg_dict, key.split("."), value)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        keys = ", ".join(map(str, options))
        raise UserError(
            f"the options {one_line(keys, 200)} do not fit together, or the config ({one_line(error, 150)}); set a "
            "whole entry, as in KEY=\"{'type': ...}\""
        ) from error


def _set_element(node: dict, parts: list[str], value: object) -> None:
    """Sets an element of a list that is no dict, which MMEngine cannot; the list may be shared, and is replaced."""
    *way, last, index = parts
    for part in way:
        node = node[int(part)] if isinstance(node, list) else node[part]
    elements = list(node[int(last) if isinstance(node, list) else last])
    elements[int(index)] = value
    node[int(last) if isinstance(node, list) else last] = elements


def _check_key(node: object, key: str, value: object) -> bool:
    """Checks that a key leads somewhere; returns whether that is an element of a list which a value replaces."""
    parts = key.split(".")
    if not all(part.strip() for part in parts) or not key.isprintable():
        what = one_line(repr(key), 200)
        wrong = "has an empty part" if key.isprintable() else "holds control characters"
        raise UserError(f"the option {what} {wrong}, expected names joined by single dots; correct it")
    for depth, part in enumerate(parts):
        path = ".".join(parts[:depth])
        if isinstance(node, list):
            if not (part.isascii() and part.isdigit() and len(part) < 10 and int(part) < len(node)):
                raise UserError(f"the option '{key}': {path} is a list of {len(node)}, expected a number below that")
        elif not isinstance(node, dict):
            raise UserError(
                f"the option '{key}': {path} is {one_line(repr(node), 80)}, which has no entry '{part}'; set {path} "
                "as a whole"
            )
        elif part not in node:
            return False
        in_list = isinstance(node, list)
        node = node[int(part)] if in_list else node[part]
    return in_list and not (isinstance(value, dict) and isinstance(node, dict))
