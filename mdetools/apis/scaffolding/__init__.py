"""A component of one's own to begin with: its file, a test that passes, and a page, in the folder of a plugin."""

from mdetools.apis.scaffolding.kinds import KINDS, Kind
from mdetools.apis.scaffolding.plugin_folder import PluginFolder
from mdetools.apis.scaffolding.writing import class_name, module_name, write_component

__all__ = ["KINDS", "Kind", "PluginFolder", "class_name", "module_name", "write_component"]
