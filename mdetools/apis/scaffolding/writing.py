"""Writes a component, its test and its page."""

import keyword
import re
from pathlib import Path

from mdetools import registry
from mdetools.apis.scaffolding.kinds import KINDS, TEMPLATES, Kind
from mdetools.apis.scaffolding.plugin_folder import PluginFolder
from mdetools.errors import UserError, one_line
from mdetools.files import write_text

__all__ = ["class_name", "module_name", "write_component"]

TEST = '''"""{name} passes the battery of its kind, see docs/add_a_component.md of mdetools."""

{imports}from mdetools import testing

from {package}.{module} import {name}


{test}'''
PAGE = """# {name}

{kind} of the plugin `{package}`. What it does, in a sentence; its equation, and the paper that it is from.

```python
{config}
```

Arguments, with their units and defaults, are in the docstring of `{package}/{module}.py`.

```bash
python -m pytest tests/test_{module}.py
```
"""


def module_name(name: str) -> str:
    """`my_loss` of `MyLoss` or `my_loss`.

    >>> module_name("MyLoss"), module_name("BerHu2Loss"), module_name("my_loss")
    ('my_loss', 'ber_hu2_loss', 'my_loss')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def class_name(name: str) -> str:
    """`MyLoss` of `my_loss` or `MyLoss`.

    >>> class_name("my_loss"), class_name("MyLoss")
    ('MyLoss', 'MyLoss')
    """
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def write_component(kind: str, name: str, folder: str | Path = ".") -> list[Path]:
    """Writes a component that works, to be changed, into the folder of a plugin, which is made if need be.

    Args:
        kind: a key of `KINDS`.
        name: of the class or of its module, such as `MyLoss` or `my_loss`.
        folder: of the plugin.

    Returns:
        The files that were written.

    Raises:
        UserError: if there is no such kind, if no class can have that name or one has it already, or if one of the
            files is there.
    """
    plugin = PluginFolder.at(Path(folder))
    made, module = class_name(name), module_name(name)
    check_name(KINDS[kind], name, made, module)
    files = contents(kind, made, module, plugin)
    for path in files:
        if path.exists():
            raise UserError(f"{path} is there already, expected a new name; choose another one, or remove the file")
    written = plugin.make()
    for path, text in files.items():
        write_text(path, text)
    return [*written, *files, plugin.add_import(module)]


def contents(kind: str, name: str, module: str, plugin: PluginFolder) -> dict[Path, str]:
    """The texts of the component's own files."""
    what = KINDS[kind]
    own = (TEMPLATES / f"{what.template}.py").read_text(encoding="utf-8")
    words = {"name": name, "key": module, "module": module, "package": plugin.package}
    test = TEST.format(**words, imports=what.imports, test=what.test.format(**words))
    page = PAGE.format(**words, kind=kind.capitalize(), config=what.config.format(**words))
    return {
        plugin.root / plugin.package / f"{module}.py": re.sub(rf"\b{what.example}\b", name, own),
        plugin.root / "tests" / f"test_{module}.py": test,
        plugin.root / "docs" / f"{module}.md": page,
    }


def check_name(kind: Kind, given: str, name: str, module: str) -> None:
    """Refuses what no class or module can be called, and the name of a component that is registered.

    Raises:
        UserError: see above.
    """
    shown = one_line(given, 80)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", given) or keyword.iskeyword(module):
        raise UserError(f"'{shown}' is no name of a class or module, expected one such as MyLoss or my_loss; change it")
    if name in getattr(registry, kind.registry).names():
        raise UserError(f"{kind.registry} has a component {name} already, expected a new name; choose another one")
