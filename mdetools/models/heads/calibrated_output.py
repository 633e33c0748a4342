"""An output layer that was fitted to a camera."""

import torch
from torch import Tensor, nn

from mdetools.errors import UserError, suggest
from mdetools.geometry import SPACES
from mdetools.registry import OUTPUTS

__all__ = ["CalibratedOutput"]


@OUTPUTS.register_module()
class CalibratedOutput(nn.Module):
    """Metric depth by a scale and a shift of what another output gives, as `tools/calibrate.py` fits them.

    With x of the other output, clamped to the range of depths that was fitted on:

    - `log_depth`: log d = scale log x + shift, of depth.
    - `depth`: d = scale x + shift, of depth.
    - `inverse_depth`: d = 1 / (scale x + shift), of relative inverse depth, which becomes metric so.

    The two numbers are also a buffer, so that weights which were calibrated are known as such in any file. A file and a
    config that contradict each other are refused when the file is loaded.

    Args:
        output: config of the output that was calibrated.
        space: a key of `mdetools.geometry.SPACES`.
        scale: above 0.
        shift: in the space's unit.
        min_depth: metres, above 0.
        max_depth: metres.

    Raises:
        UserError: if there is no such space, the output gives another quantity than it takes, or a number is out of its
            range.
    """

    quantity = "depth"

    def __init__(
        self, output: dict, space: str, scale: float, shift: float, min_depth: float = 1e-3, max_depth: float = 10.0
    ) -> None:
        super().__init__()
        if space not in SPACES:
            raise UserError(f"CalibratedOutput got space='{space}'; {suggest(space, SPACES)}")
        if not (scale > 0 and 0 < min_depth < max_depth):
            raise UserError(
                f"CalibratedOutput got scale={scale}, min_depth={min_depth} and max_depth={max_depth}; set a scale "
                "above 0 and a range of depths above 0"
            )
        self.output = OUTPUTS.build(dict(output))
        taken = SPACES[space].takes
        if self.output.quantity != taken:
            raise UserError(
                f"CalibratedOutput in space '{space}' takes '{taken}' and its output gives '{self.output.quantity}'; "
                "change one of them"
            )
        self.space, self.scale, self.shift = space, scale, shift
        self.min_depth, self.max_depth = min_depth, max_depth
        self.initial_logit = self.output.initial_logit
        self.register_buffer("calibration", torch.tensor([scale, shift]))

    def forward(self, logits: Tensor) -> Tensor:
        """Logits of any shape to metres."""
        scale, shift = self.calibration.unbind()
        depth = SPACES[self.space].to_depth(self.output(logits), scale, shift, self.max_depth)
        return depth.clamp(self.min_depth, self.max_depth)
