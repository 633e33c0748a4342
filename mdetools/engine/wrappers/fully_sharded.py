"""A model that is shared out between the processes, each of which keeps a part of every weight."""

from collections.abc import Iterator, Sequence
from typing import Literal

import torch
from mmengine.dist import get_world_size, is_distributed
from mmengine.optim import OptimWrapper
from torch import Tensor, distributed, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard

from mdetools.engine.sharded_tensors import take_whole_tensors
from mdetools.errors import UserError, one_line, suggest
from mdetools.registry import MODEL_WRAPPERS

__all__ = ["FullyShardedModel"]

DTYPES = {"bf16": torch.bfloat16}


@MODEL_WRAPPERS.register_module()
class FullyShardedModel(nn.Module):
    """PyTorch's FSDP2: weights, gradients and the optimiser's moments are shared out, so that each fits.

    In a config `model_wrapper_cfg=dict(type="FullyShardedModel")`. The weights of one unit at a time are gathered for
    its forward and for its backward pass. What is computed is what replicas compute (`MMDistributedDataParallel`, the
    wrapper where a config names none), but for the order of the sums. Gradients are reduced in float32, and in each
    iteration, with accumulation too.

    Zhao et al., "PyTorch FSDP: Experiences on Scaling Fully Sharded Data Parallel", 2023; `torch.distributed.fsdp.
    fully_shard` is its second version.

    Args:
        module: the model, whole, on the device of this process; its weights become those of the first process.
        units: dotted paths of the modules that are gathered as one; of a list of modules (`ModuleList`, `Sequential`)
            each entry is a unit. What belongs to none is gathered once a step with the model itself.
        dtype: type in which the entries of lists are gathered and computed, in validation too: "bf16", or None for
            float32. What they take and give, the other units, such as the head, and the sums of gradients stay float32.
            The Runner gives "bf16" where `optim_wrapper` is an `AmpOptimWrapper`, whose autocast then chooses the type
            of each operation outside.

    Attributes:
        module: the same model, whose parameters are parts now (`DTensor`).

    Raises:
        UserError: if there is no process group, no such `units` or a module that cannot be shared out.
    """

    def __init__(
        self,
        module: nn.Module,
        units: Sequence[str] = ("backbone.vit.blocks", "head"),
        dtype: Literal["bf16"] | None = None,
    ) -> None:
        super().__init__()
        if not is_distributed():
            raise UserError(
                "FullyShardedModel in a process without others; start with torchrun (tools/dist_train.sh does), or "
                "leave model_wrapper_cfg out"
            )
        found = [(path, *one) for path in units for one in units_at(module, path)]
        if hasattr(module, "init_weights"):
            module.init_weights()  # MMEngine's comes when the parameters are parts
        for tensor in (*module.parameters(), *module.buffers()):
            tensor.data = tensor.data.contiguous()  # channels last, as the head's, cannot be shared out
            distributed.broadcast(tensor.data, src=0)
        mesh = init_device_mesh(next(module.parameters()).device.type, (get_world_size(),))
        low = MixedPrecisionPolicy(DTYPES.get(dtype), reduce_dtype=torch.float32, output_dtype=torch.float32)
        full = MixedPrecisionPolicy()
        for path, unit, in_list in found:
            _shard(unit, mesh, low if in_list else full, f"at '{path}'")
        self.module = _shard(module, mesh, full, "itself")
        take_whole_tensors(module)

    def forward(self, *args, **kwargs):
        """What the model gives."""
        return self.module(*args, **kwargs)

    def train_step(self, data: dict, optim_wrapper: OptimWrapper) -> dict[str, Tensor]:
        """The model's training step."""
        return self.module.train_step(data, optim_wrapper)

    def val_step(self, data: dict) -> list:
        """The model's predictions."""
        return self.module.val_step(data)

    def test_step(self, data: dict) -> list:
        """The model's predictions."""
        return self.module.test_step(data)


def units_at(model: nn.Module, path: str) -> Iterator[tuple[nn.Module, bool]]:
    """The modules at a path that are units, each with whether it is of a list.

    >>> model = nn.ModuleDict({"blocks": nn.Sequential(nn.Linear(2, 2), nn.ReLU()), "head": nn.Linear(2, 1)})
    >>> [[(type(unit).__name__, in_list) for unit, in_list in units_at(model, path)] for path in ("blocks", "head")]
    [[('Linear', True)], [('Linear', False)]]

    Raises:
        UserError: if there is none, or it has no parameters.
    """
    modules = dict(model.named_modules())
    if path not in modules or not path:
        hint = suggest(path, [name for name in modules if name])
        raise UserError(f"FullyShardedModel: the model has no module '{path}' to share out; {hint}: change units")
    module = modules[path]
    in_list = isinstance(module, nn.ModuleList | nn.Sequential)
    units = [one for one in (module if in_list else [module]) if any(True for _ in one.parameters())]
    if not units:
        raise UserError(
            f"FullyShardedModel: '{path}' has no parameters to share out; take it out of model_wrapper_cfg.units"
        )
    return ((unit, in_list) for unit in units)


def _shard(module: nn.Module, mesh, policy: MixedPrecisionPolicy, where: str) -> nn.Module:
    try:
        # The model itself too is in parts after each forward pass, so that hooks and checkpoints find it so.
        return fully_shard(module, mesh=mesh, reshard_after_forward=True, mp_policy=policy)
    except (ValueError, NotImplementedError, AssertionError, RuntimeError) as error:
        raise UserError(
            f"the model's part {where} ({type(module).__name__}) cannot be shared out ({one_line(error, 150)}); change "
            "model_wrapper_cfg.units, or leave model_wrapper_cfg out"
        ) from error
