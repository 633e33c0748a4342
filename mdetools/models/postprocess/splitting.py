"""From a batch's prediction to one result per image, at the size that the image was loaded in."""

from torch import Tensor

from mdetools.contract import Prediction, Targets, names_of, quantity_of
from mdetools.geometry import camera_known, focal_at_width

__all__ = ["split_prediction", "target_sizes"]


def target_sizes(targets: Targets, image_size: tuple[int, int], count: int) -> list[tuple[int, int]]:
    """The size (H, W) that each image's prediction returns to.

    That is the ground truth's own, if there is a map of it; else `size`, what the image shows in pixels as loaded; else
    the size of the image that the network saw.

    Args:
        targets: the batch.
        image_size: (H, W) of the batch's images.
        count: of images.
    """
    maps = names_of(targets, "map")
    if maps:
        return [tuple(targets[maps[0]].shape[-2:])] * count
    if "size" in targets:
        return [tuple(size) if all(size) else image_size for size in targets["size"].tolist()]
    return [image_size] * count


def split_prediction(prediction: Prediction, image_size: tuple[int, int], targets: Targets) -> list[dict[str, Tensor]]:
    """One dict per image, with the quantity that the head predicts at the size of `target_sizes`.

    A quantity that a camera turns into metres, such as disparity, gets `depth` beside it where the camera is known. The
    focal length is that of the resized map's width.

    Args:
        prediction: of a batch, as the head gave it.
        image_size: (H, W) of the batch's images, which `intrinsics` belong to.
        targets: the batch, with `size`, `intrinsics` and `baseline` where they are known.

    Returns:
        B dicts of float32 tensors without the batch's axis.
    """
    quantity = quantity_of(prediction)
    values = prediction[quantity.name].float()
    sizes = target_sizes(targets, image_size, len(values))
    if len(set(sizes)) == 1:
        resized = list(quantity.resize(values, sizes[0])[:, None].unbind())
    else:
        resized = [quantity.resize(one[None], size) for one, size in zip(values, sizes, strict=True)]
    results = [{quantity.name: one[0]} for one in resized]
    if quantity.to_depth is None or "intrinsics" not in targets or "baseline" not in targets:
        return results
    baseline = targets["baseline"]
    known = camera_known(targets["intrinsics"], baseline).tolist()
    for index, one in enumerate(resized):
        if known[index]:
            focal = focal_at_width(targets["intrinsics"][index : index + 1], image_size[1], one.shape[-1])
            results[index]["depth"] = quantity.to_depth(one, focal, baseline[index : index + 1])[0]
    return results
