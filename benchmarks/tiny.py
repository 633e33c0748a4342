"""What a relative model is worth on real frames: abs_rel beside the best fit that sees no image.

python benchmarks/tiny.py --data /data --models mdetools-tiny

/data holds nyu/val/redkitchen, nyu/val_nyu (the FastDepth layout), kitti_raw with val.txt, and middlebury (scenes with
im0.png and disp0.png). Least squares in disparity; caps 10 m indoors, 80 m on KITTI, none on Middlebury, whose depth is
1 / disparity up to a factor. All else on the command line goes to tools/evaluate.py.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Label: (base config, folder, split, caps in metres).
SETS = {
    "redkitchen": ("nyu", "nyu", "val", (1e-3, 10.0)),
    "nyu": ("nyu", "nyu", "val_nyu", (1e-3, 10.0)),
    "kitti": ("kitti_depth", "kitti_raw", "val", (1e-3, 80.0)),
    "middlebury": ("middlebury", "middlebury", ".", (1e-6, 1e6)),
}
CONFIG = """_base_ = ["{base}"]
val_dataloader = dict(num_workers=0, persistent_workers=False, dataset=dict(data_root="{folder}", split="{split}"))
test_dataloader = val_dataloader
_protocol = dict(_delete_=True, name="{name}", min_depth={low}, max_depth={high}, alignment="lstsq_disparity")
val_evaluator = dict(protocol=_protocol)
test_evaluator = val_evaluator
"""


def main() -> int:
    """Writes a config for each set and hands them to tools/evaluate.py."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the four sets")
    parser.add_argument("--models", nargs="+", required=True, metavar="MODEL", help="see tools/evaluate.py")
    parser.add_argument("--out", default="tiny_results", help="see tools/evaluate.py (%(default)s)")
    args, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        named = []
        for name, (base, data, split, (low, high)) in SETS.items():
            path = Path(folder, f"{name}.py")
            base, data = ROOT / "configs/_base_/datasets" / f"{base}.py", args.data.resolve() / data
            path.write_text(CONFIG.format(base=base, folder=data, split=split, name=name, low=low, high=high))
            named.append(f"{name}={path}")
        command = [sys.executable, ROOT / "tools/evaluate.py", "--models", *args.models, "--datasets", *named]
        return subprocess.call([*command, "--protocols", "default", "--baselines", "--out", args.out, *rest])


if __name__ == "__main__":
    sys.exit(main())
