from mdetools.evaluation import MEASURES, Measure
from mdetools.geometry import masked_mean


def nearness(protocol, predicted, depth, counted):
    """The share of the pixels that are predicted too near."""
    return {"too_near": masked_mean((predicted < depth).float(), counted)[0]}


MEASURES["nearness"] = Measure("nearness", {"too_near": False}, nearness)
