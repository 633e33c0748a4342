"""A plugin that adds tasks that mdetools does not have, as somebody else would write it."""

from open_house import agreement, classification, data, network, normals, ordinal, segmentation, teacher

__all__ = ["agreement", "classification", "data", "network", "normals", "ordinal", "segmentation", "teacher"]
