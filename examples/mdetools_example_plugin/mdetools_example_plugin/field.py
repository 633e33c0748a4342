import torch

from mdetools.contract import FIELDS, Field

FIELDS["confidence"] = Field("map", torch.float32, "1HW", hole=0)  # 0..1, of the depth; 0 where it is not known
