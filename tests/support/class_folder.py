"""A class-folder data set whose class is told by depth alone, in seconds: a flat wall, or one of stripes."""

from pathlib import Path

import cv2
import numpy as np

__all__ = ["CLASSES", "write_class_folder"]

CLASSES = ("flat", "striped")


def write_class_folder(root: Path, counts: dict[str, int], size: tuple[int, int] = (32, 40)) -> Path:
    """Writes images of noise in `<root>/<split>/<class>`, and metres in `<root>/depth/<split>/<class>`; returns it."""
    rng = np.random.default_rng(0)
    for split, count in counts.items():
        for index in range(count):
            label = index % 2
            stem = f"{split}/{CLASSES[label]}/{index:03d}"
            image = cv2.resize(rng.integers(0, 256, (4, 5, 3), dtype=np.uint8), size[::-1])
            depth = rng.uniform(4, 6, size).astype(np.float32)
            depth[:, np.arange(size[1]) // 4 % 2 < label] /= 2
            for folder in (root / stem, root / "depth" / stem):
                folder.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(f"{root / stem}.png", image)
            np.save(root / "depth" / f"{stem}.npy", depth)
    return root
