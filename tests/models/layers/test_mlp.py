import copy

import torch
from timm.layers import Mlp
from torch._dynamo.backends.common import aot_autograd
from torch._functorch.aot_autograd import make_boxed_func
from torch._functorch.partitioners import min_cut_rematerialization_partition
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


def test_a_compiler_computes_the_activation_alone_again():
    """A checkpoint around both layers would have it compute the second one's product again, beside four."""
    operations = []

    def note(module, inputs):
        operations.append([node.target.__name__.split(".")[0] for node in module.graph.nodes if callable(node.target)])
        return make_boxed_func(module)

    torch._dynamo.reset()
    _, own = pair()
    scale = torch.nn.Parameter(torch.ones(8))  # of a block's LayerScale, whose gradient needs the output
    backend = aot_autograd(fw_compiler=note, bw_compiler=note, partition_fn=min_cut_rematerialization_partition)
    compiled = torch.compile(lambda tokens: scale * own(tokens), backend=backend, fullgraph=True)
    tokens = torch.randn(10, 8, requires_grad=True)
    compiled(tokens).sum().backward()
    found = [leaf.grad for leaf in (tokens, scale, *own.parameters())]
    forward, backward = operations
    assert forward.count("addmm") == 2 and forward.count("gelu") == 1
    assert (backward.count("mm"), backward.count("addmm"), backward.count("gelu")) == (4, 0, 1)

    for leaf in (tokens, scale, *own.parameters()):
        leaf.grad = None
    (scale * own(tokens)).sum().backward()
    for gradient, leaf in zip(found, (tokens, scale, *own.parameters()), strict=True):
        torch.testing.assert_close(gradient, leaf.grad, rtol=1e-5, atol=1e-6)
    torch._dynamo.reset()
