"""NYU Depth V2 (Silberman et al., ECCV 2012), in three layouts."""

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.checks import check_depth, check_image, check_intrinsics
from mdetools.datasets.nyu.sources import FastDepthSource, LabeledMatSource, PngListSource
from mdetools.errors import UserError
from mdetools.layouts.nyu import resized_nyu_intrinsics
from mdetools.registry import DATASETS

__all__ = ["NYUDataset"]

SOURCES = {"fastdepth": FastDepthSource, "labeled_mat": LabeledMatSource, "png_list": PngListSource}


@DATASETS.register_module()
class NYUDataset(BaseDataset):
    """NYU Depth V2, or any data in one of its layouts.

    Args:
        data_root: folder of the data set.
        split: which part of it, see `source`.
        source: the layout.
            `fastdepth`: `<data_root>/<split>/**/<id>.h5` with `rgb` uint8 (3, H, W), `depth` (H, W) in metres, 0 =
            hole, and optionally `intrinsics` (3, 3) for its own pixels.
            `labeled_mat`: `<data_root>/nyu_depth_v2_labeled.mat` with `<data_root>/splits.mat`; `split` is `train`
            (795 images) or `test` (654). The depth is the in-painted one.
            `png_list`: `<data_root>/<split>.txt`, lines `<rgb> <depth>` of files under `data_root`; the depth is 16-bit
            PNG in millimetres.
        pipeline: configs of transforms, see `BaseDataset`.

    Raises:
        UserError: if the layout is unknown, or the data is not there.
    """

    def __init__(
        self, data_root: str, split: str = "train", source: str = "fastdepth", pipeline: Pipeline = ()
    ) -> None:
        super().__init__(pipeline)
        if source not in SOURCES:
            raise UserError(f"NYUDataset has no source '{source}'; expected one of: {', '.join(SOURCES)}")
        self.source = SOURCES[source](data_root, split)

    def __len__(self) -> int:
        return len(self.source)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`."""
        frame = self.source.read(index)
        check_image(frame.image, frame.path)
        check_depth(frame.depth, frame.path, frame.image)
        if frame.intrinsics is not None:
            check_intrinsics(frame.intrinsics, frame.path)
        height, width = frame.depth.shape
        return {
            "image": frame.image,
            "depth": frame.depth,
            "valid_mask": frame.depth > 0,
            "intrinsics": resized_nyu_intrinsics(height, width) if frame.intrinsics is None else frame.intrinsics,
            "meta": {"id": frame.id, "path": frame.path},
        }
