"""A model's preprocessing on another one's data set: its `Resize` takes the place of the data set's."""

from collections.abc import Mapping

from mdetools.apis.inference.preparing import is_resize
from mdetools.engine.configs.nested_datasets import change_leaves

__all__ = ["with_resize"]


def with_resize(dataset: Mapping, resize: Mapping | None) -> dict:
    """A data set's config with another `Resize`; None takes it out.

    Whether maps are resized too is the data set's own: its ground truth keeps the size that it is evaluated at. Where
    there was no `Resize`, it comes before the last step, and leaves the ground truth as it is.

    Args:
        dataset: its config; of data sets made of data sets those inside are changed.
        resize: the model's.
    """

    def changed(leaf: Mapping) -> dict:
        pipeline = leaf.get("pipeline")
        if not pipeline:
            return dict(leaf)
        named = isinstance(pipeline, Mapping)
        steps = list(pipeline.items() if named else enumerate(pipeline))
        replaced = replace_resize(steps, resize)
        return {**leaf, "pipeline": dict(replaced) if named else [step for _, step in replaced]}

    return change_leaves(dataset, changed)


def replace_resize(steps: list[tuple], resize: Mapping | None) -> list[tuple]:
    """The steps of a pipeline, as (name, config), with another `Resize`."""
    place = next((index for index, (_, step) in enumerate(steps) if is_resize(step)), None)
    if resize is None:
        return [pair for index, pair in enumerate(steps) if index != place]
    if place is None:
        return [*steps[:-1], ("resize", {**resize, "resize_depth": False}), steps[-1]]
    name, old = steps[place]
    kept = {"resize_depth": old["resize_depth"]} if "resize_depth" in old else {}
    without = {key: value for key, value in resize.items() if key != "resize_depth"}
    return [*steps[:place], (name, {**without, **kept}), *steps[place + 1 :]]
