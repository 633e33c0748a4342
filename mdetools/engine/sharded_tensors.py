"""Tensors of which each process has a part: gathered for a checkpoint, and shared out again from one.

A checkpoint holds whole tensors under the names and numbers of a run that shares nothing out, so that any number of
processes goes on from it. (`torch.distributed.checkpoint.state_dict` gives the optimiser's state other keys.)
"""

import math
from collections.abc import Mapping, Sequence

import torch
from mmengine.dist import all_reduce
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer

__all__ = ["gathered", "is_sharded", "share_like", "share_out_state", "take_whole_tensors", "total_norm", "whole"]


def is_sharded(module: nn.Module) -> bool:
    """Whether a module's parameters are parts."""
    return any(isinstance(parameter, DTensor) for parameter in module.parameters())


def whole(tensor: Tensor) -> Tensor:
    """The whole of a tensor of which each process has a part; all processes have to ask for it.

    >>> whole(torch.ones(2))
    tensor([1., 1.])
    """
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def total_norm(tensors: Sequence[Tensor], norm_type: float = 2.0, **options) -> Tensor:
    """The norm of some tensors taken together, a scalar; of parts that of the whole tensors, in all processes.

    >>> total_norm([torch.tensor([3.0]), torch.tensor([4.0])])
    tensor(5.)

    Args:
        tensors: all of them parts, or none.
        norm_type: the p of the norm, or infinity for the largest magnitude.
        options: of `get_total_norm`.
    """
    if not (math.isinf(float(norm_type)) and any(isinstance(tensor, DTensor) for tensor in tensors)):
        return whole(get_total_norm(tensors, norm_type, **options))
    # A process may have an empty part, of which torch knows no largest magnitude.
    parts = [part for part in (tensor.to_local() for tensor in tensors) if part.numel()]
    norm = get_total_norm(parts, norm_type, **options).to(tensors[0].device)
    all_reduce(norm, "max")
    return norm


def gathered(tree: object, keep: bool) -> object:
    """Dicts and lists with the whole tensors, in the host's memory, in place of the parts in them.

    One tensor is gathered after the other, so that a device needs room for one alone.

    Args:
        tree: the same in all processes but for the parts.
        keep: whether this process wants the result; all have to take part.
    """
    if isinstance(tree, DTensor):
        tensor = tree.detach().full_tensor()
        return tensor.cpu() if keep else None
    if isinstance(tree, Mapping):
        return {key: gathered(value, keep) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(gathered(value, keep) for value in tree)
    return tree


def share_like(own: Tensor, found: Tensor) -> Tensor:
    """This process's part of a whole tensor, shared out as another one of its shape; no process talks to another."""
    if not isinstance(own, DTensor) or isinstance(found, DTensor) or own.shape != found.shape:
        return found
    found = found.to(own.to_local().device)
    return distribute_tensor(found, own.device_mesh, own.placements, src_data_rank=None)


def take_whole_tensors(module: nn.Module) -> None:
    """Lets a module whose parameters are parts load a state dict of whole tensors."""

    def share_out(owner: nn.Module, state: dict, prefix: str, *_) -> None:
        for name, own in owner.named_parameters():
            if prefix + name in state:
                state[prefix + name] = share_like(own.detach(), state[prefix + name])

    module.register_load_state_dict_pre_hook(share_out)


def share_out_state(optimizer: Optimizer, state: Mapping[int, dict]) -> dict[int, dict]:
    """The state of an optimiser's parameters with the tensors of a parameter's shape shared out as that is.

    Args:
        optimizer: of the parameters, numbered as they stand in its groups.
        state: what stands under `state` in its `state_dict`, with whole tensors.
    """
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return {
        number: {
            key: share_like(parameters[number].detach(), value) if torch.is_tensor(value) else value
            for key, value in entry.items()
        }
        for number, entry in state.items()
    }
