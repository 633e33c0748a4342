"""Made-up scenes: a bright box before a dark wall, with everything that can be known of them."""

import numpy as np

from mdetools.datasets.base import BaseDataset
from mdetools.registry import DATASETS

HEIGHT, WIDTH = 40, 56


@DATASETS.register_module()
class BoxScenes(BaseDataset):
    """Frames with those keys that `keys` names; the box is nearer, of another class, and turned to the left."""

    def __init__(self, count, keys, seed=0, pipeline=()):
        super().__init__(pipeline)
        self.count, self.keys, self.seed = count, keys, seed

    def __len__(self):
        return self.count

    def load(self, index):
        rng = np.random.default_rng((self.seed, index))
        rows, columns = rng.integers(12, 24), rng.integers(12, 24)
        top, left = rng.integers(HEIGHT - rows), rng.integers(WIDTH - columns)
        box = np.zeros((HEIGHT, WIDTH), bool)
        box[top : top + rows, left : left + columns] = True
        image = rng.integers(0, 60, (HEIGHT, WIDTH, 3))
        image[box] += 180
        depth = np.where(box, 1.5, 4.0).astype(np.float32)
        normals = np.where(box[..., None], [-0.6, 0.0, -0.8], [0.0, 0.0, -1.0]).astype(np.float32)
        inside = [left + columns // 2, top + rows // 2]
        outside = [[x, y] for x in (1, WIDTH - 2) for y in (1, HEIGHT - 2) if not box[y, x]]
        known = {
            "depth": depth,
            "valid_mask": depth > 0,
            "semantic": box.astype(np.int64),
            "label": int(columns > rows),
            "normals": normals,
            "point_pairs": np.array([[inside, place] for place in outside], np.float32),
            "intrinsics": np.array([[50, 0, 27.5], [0, 50, 19.5], [0, 0, 1]], np.float32),
        }
        meta = {"id": f"{self.seed}/{index}", "path": "made up"}
        return {"image": image.astype(np.uint8), "meta": meta, **{key: known[key] for key in self.keys}}
