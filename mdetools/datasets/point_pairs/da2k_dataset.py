"""DA-2K (Yang et al., NeurIPS 2024): 2068 point pairs on 1033 images of eight kinds of scenes."""

from collections.abc import Sequence
from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.point_pairs.annotations import read_annotations
from mdetools.datasets.point_pairs.frames import pairs_sample
from mdetools.datasets.presence import keep_present
from mdetools.errors import UserError, suggest
from mdetools.registry import DATASETS

__all__ = ["DA2KDataset"]


@DATASETS.register_module()
class DA2KDataset(BaseDataset):
    """DA-2K, or your own images annotated in its format, see `read_annotations`.

    Samples hold `image`, `point_pairs` and, in `meta`, the `scene`, which is the name of the image's folder. Images are
    turned upright by their EXIF orientation, which the points refer to.

    >>> dataset = DA2KDataset("data/DA-2K")  # doctest: +SKIP
    >>> dataset.load(0)["point_pairs"].shape  # doctest: +SKIP
    (2, 2, 2)

    Args:
        data_root: folder of the annotations, to which their images' paths are relative.
        annotations: name of the file.
        scenes: only these; None takes all.
        pipeline: configs of transforms, see `BaseDataset`. One that crops drops the pairs that it cuts.

    Raises:
        UserError: if the annotations are not there or not in the format, none of their images is there, or a scene is
            not.
    """

    def __init__(
        self,
        data_root: str,
        annotations: str = "annotations.json",
        scenes: Sequence[str] | None = None,
        pipeline: Pipeline = (),
    ) -> None:
        super().__init__(pipeline)
        self.root = Path(data_root)
        path = self.root / annotations
        frames = read_annotations(path)
        known = sorted({frame.scene for frame in frames})
        for scene in scenes or ():
            if scene not in known:
                raise UserError(f"{path}: has no scene '{scene}'; {suggest(scene, known)}")
        chosen = frames if scenes is None else [frame for frame in frames if frame.scene in scenes]
        cure = "set data_root, or --data-root, to the folder of the annotations and `images`"
        self.frames = keep_present(chosen, lambda frame: frame.image, self.root, path, cure)

    def __len__(self) -> int:
        return len(self.frames)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if the image cannot be read, or a point lies outside of it.
        """
        return pairs_sample(self.frames[index], self.root)
