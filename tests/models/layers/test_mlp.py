import copy

import torch
from timm.layers import Mlp
from torch.multiprocessing.reductions import StorageWeakRef

from mdetools.models.layers.mlp import RecomputingMlp


def pair():
    """timm's layer, and ours with weights of its own that are equal."""
    torch.manual_seed(0)
    peer = Mlp(8, 32)
    return peer, RecomputingMlp(copy.deepcopy(peer))


def test_output_and_gradients_are_timms():
    peer, own = pair()
    assert set(own.state_dict()) == set(peer.state_dict())
    tokens, gradient = torch.randn(2, 5, 8), torch.randn(2, 5, 8)
    found = []
    for mlp in (peer, own):
        for dtype in (torch.float32, torch.bfloat16):
            mlp.zero_grad()
            leaf = tokens.clone().requires_grad_()
            with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
                output = mlp(leaf)
            output.backward(gradient.to(output.dtype))
            found.append([output, leaf.grad, *(parameter.grad for parameter in mlp.parameters())])
    for theirs, ours in zip(found[0] + found[1], found[2] + found[3], strict=True):
        assert torch.equal(theirs, ours)
    with torch.no_grad():
        assert torch.equal(own(tokens), peer(tokens))


def test_the_activation_is_not_kept():
    kept = []
    for mlp in pair():
        activations = []
        mlp.act.register_forward_hook(
            lambda layer, inputs, output, seen=activations: seen.append(StorageWeakRef(output.untyped_storage()))
        )
        output = mlp(torch.randn(2, 5, 8))
        kept.append([not activation.expired() for activation in activations])
        output.sum().backward()
    assert kept == [[True], [False]]
