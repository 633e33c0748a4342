"""What `mdetools new` can write: the example plugin's component of each kind, its test, and how a config names it."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["KINDS", "TEMPLATES", "Kind"]

PACKAGE = Path(__file__).resolve().parents[2]
IN_CLONE = PACKAGE.parent / "examples" / "mdetools_example_plugin" / "mdetools_example_plugin"
TEMPLATES = next(folder for folder in (PACKAGE / "example_plugin", IN_CLONE) if (folder / "loss.py").is_file())


@dataclass(frozen=True)
class Kind:
    """One kind of component.

    Attributes:
        template: the name of the module in the example plugin.
        example: the class in it, whose name the new one takes.
        registry: the registry's name in `mdetools.registry`.
        section: of the page that explains the kind, docs/add_a_component.md.
        test: lines of a test; `{name}` is the class.
        imports: what the test needs besides the class and `mdetools.testing`.
        config: how a config names the component; `{name}` is the class, `{key}` a name for it.
    """

    template: str
    example: str
    registry: str
    section: str
    test: str
    imports: str
    config: str


FRAME = """\
    rng = np.random.default_rng(0)
    depth = rng.uniform(0, 5, (40, 60)).astype(np.float32).round(1)
    intrinsics = np.array([[50, 0, 29.5], [0, 50, 19.5], [0, 0, 1]], np.float32)
"""
KINDS = {
    "backbone": Kind(
        "backbone", "TinyBackbone", "BACKBONES", "backbone",
        "def test_{key}():\n    testing.check_backbone({name}(), image_size=(48, 64))\n",
        "",
        'model = dict(backbone=dict(_delete_=True, type="{name}"))',
    ),
    "head": Kind(
        "head", "TinyHead", "HEADS", "head",
        "def test_{key}():\n"
        "    features = [torch.rand(2, 8, 24, 32), torch.rand(2, 16, 12, 16)]\n"
        "    testing.check_head({name}([8, 16], [2, 4]), features, image_size=(48, 64))\n",
        "import torch\n",
        'model = dict(head=dict(_delete_=True, type="{name}"))',
    ),
    "loss": Kind(
        "loss", "HuberDepthLoss", "LOSSES", "loss",
        'def test_{key}():\n    testing.check_loss({name}(), "depth")\n',
        "",
        'model = dict(losses=dict({key}=dict(type="{name}")))',
    ),
    "dataset": Kind(
        "dataset", "FolderOfFrames", "DATASETS", "data-set",
        "def test_{key}(tmp_path):\n" + FRAME +
        '    (tmp_path / "val").mkdir()\n'
        '    with h5py.File(tmp_path / "val" / "a.h5", "w") as file:\n'
        '        file["rgb"] = rng.integers(0, 256, (3, 40, 60), dtype=np.uint8)\n'
        '        file["depth"], file["intrinsics"] = depth, intrinsics\n'
        '    testing.check_dataset({name}(str(tmp_path), "val", pipeline=[dict(type="PackSample")]))\n',
        "import h5py\nimport numpy as np\n",
        '_data = dict(type="{name}", data_root="data/mine", pipeline=[dict(type="PackSample")])\n'
        'train_dataloader = dict(dataset=dict(_delete_=True, **_data, split="train"))\n'
        'val_dataloader = dict(dataset=dict(_delete_=True, **_data, split="val"))',
    ),
    "transform": Kind(
        "transform", "RandomShiftCrop", "TRANSFORMS", "transform",
        "def test_{key}():\n" + FRAME +
        "    image = rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)\n"
        '    sample = {{"image": image, "depth": depth, "valid_mask": depth > 0, "intrinsics": intrinsics, '
        '"meta": {{"id": "a"}}}}\n'
        "    testing.check_transform({name}((32, 48)), sample)\n",
        "import numpy as np\n",
        'train_dataloader = dict(dataset=dict(pipeline=dict(crop=dict(_delete_=True, type="{name}", size=(32, 48)))))',
    ),
    "step": Kind(
        "step", "ForgetDepth", "BATCH_STEPS", "batch-step",
        "def test_{key}():\n"
        "    targets = testing.example_targets((40, 60))\n"
        '    kept = {name}(share=0.25)(targets, training=True)["valid_mask"]\n'
        '    assert not (kept & ~targets["valid_mask"]).any()\n'
        "    assert {name}()(targets, training=False) is targets\n",
        "",
        'model = dict(data_preprocessor=dict(steps=dict({key}=dict(type="{name}"))))',
    ),
    "metric": Kind(
        "metric", "DepthBias", "METRICS", "metric",
        "def test_{key}():\n    testing.check_metric({name}())\n",
        "",
        'val_evaluator = dict(_delete_=True, type="{name}")',
    ),
}  # fmt: skip
