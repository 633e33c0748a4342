"""The command `mdetools COMMAND`: each of the tools by a short name, with the same options.

`mdetools train dav2/vits_nyu` is `python tools/train.py dav2/vits_nyu`, from any folder, and where there is no clone.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from mdetools import __version__
from mdetools.engine.process.cli import run_cli
from mdetools.errors import suggest

__all__ = ["COMMANDS", "TOOLS", "main"]

PACKAGE = Path(__file__).resolve().parent
TOOLS = next(folder for folder in (PACKAGE / "tools", PACKAGE.parent / "tools") if (folder / "train.py").is_file())

COMMANDS = {
    "train": ("train", "train a model"),
    "test": ("test", "test a model under named protocols"),
    "infer": ("infer", "predict the depth of pictures and videos"),
    "evaluate": ("evaluate", "compare models on data sets under protocols, side by side"),
    "export": ("export", "write a model as ONNX, torch.export or TorchScript"),
    "convert": ("convert_checkpoint", "write a checkpoint in another format, bit for bit"),
    "publish": ("publish_model", "put a trained model into one file, with a card"),
    "calibrate": ("calibrate", "fit a trained model's depth to a camera"),
    "pseudo-label": ("pseudo_label", "label images with a trained model"),
    "check": ("check_dataset", "find what is wrong with a data set"),
    "browse": ("browse_dataset", "show what the network sees of a data set"),
    "compare": ("compare", "draw several models on the same images"),
    "compare-runs": ("compare_runs", "compare finished runs over their seeds, with intervals and paired tests"),
    "demo": ("demo", "serve a page that shows the depth of pictures"),
    "list": ("list_components", "list what can stand in type="),
    "print-config": ("print_config", "print a config with all that it inherits"),
    "synthetic": ("make_synthetic", "ray-cast a data set"),
    "list-kitti-frames": ("list_kitti_frames", "write the frames of a KITTI split that are on the disk"),
    "export-ground-truth": ("export_ground_truth", "write the depth of a split to one file"),
}


def usage() -> str:
    """All commands, one on a line."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {what}" for name, (_, what) in COMMANDS.items()]
    return "\n".join(
        ["usage: mdetools COMMAND [OPTIONS]", "", *lines, "", "mdetools COMMAND --help tells a command's options"]
    )


def main() -> None:
    """Runs the tool that the command line names, as `python tools/...` does."""
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        print(usage())
        return
    if name == "--version":
        print(f"mdetools {__version__}")
        return
    if name not in COMMANDS:
        hint = suggest(name, COMMANDS, "mdetools --help lists them")
        print(f"error: '{name}' is no command; {hint}", file=sys.stderr)
        sys.exit(2)
    sys.argv = [f"mdetools {name}", *sys.argv[2:]]
    tool = tool_of(COMMANDS[name][0])
    run_cli(tool.main, tool.parse_args())


def tool_of(name: str) -> ModuleType:
    """The script of that name in tools/, as a module."""
    spec = importlib.util.spec_from_file_location(f"mdetools.tools.{name}", TOOLS / f"{name}.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool
