"""What people reported elsewhere about graphs of models (row 12), with its relatives: no graph is wrong silently."""

import copy
import pickle

import pytest
import support.tiny_training  # noqa: F401, which adds the architecture
import torch

from mdetools.apis.export.graph import graph_of
from mdetools.registry import MODELS

DPT = dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8))


def model_of(backbone, head=DPT):
    torch.manual_seed(0)
    model = MODELS.build(dict(type="Estimator", backbone=backbone, head=head)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_() if "pos_embed" in name else parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def image(size):
    return torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(sum(size)))


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("size", [(42, 70), (14, 84), (518, 28)])
def test_a_trace_of_a_transformer_refuses_every_other_size(size):
    """Turned by a right angle an image has as many patches; the trace gave another map, off by most of its range."""
    graph = graph_of(model_of(dict(type="DINOv2", arch="tiny")), size)
    with torch.no_grad():
        traced = torch.jit.trace(graph, image(size), check_trace=False)
        again = image(size).flip(-1)
        assert torch.equal(traced(again), graph(again))
        others = [size[::-1], (2 * size[0], size[1]), (size[0], 2 * size[1]), (14, 14), (size[0] + 14, size[1])]
        for other in others:
            with pytest.raises(RuntimeError, match=r"must match the size|unflatten"):
                traced(image(other))


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize(
    ("backbone", "head"),
    [
        (dict(type="AlexNetFCN"), dict(type="CoarseToFineHead")),
        (dict(type="TimmBackbone", name="test_resnet"), DPT),
    ],
)
def test_a_trace_of_a_convolutional_network_is_right_at_any_size(backbone, head):
    graph = graph_of(model_of(backbone, head), (96, 160))
    with torch.no_grad():
        traced = torch.jit.trace(graph, image((96, 160)), check_trace=False)
        for size in ((96, 160), (160, 96), (192, 160)):
            torch.testing.assert_close(traced(image(size)), graph(image(size)), rtol=1e-5, atol=1e-6)


def test_a_program_of_one_size_refuses_another():
    graph = graph_of(model_of(dict(type="DINOv2", arch="tiny")), (42, 70))
    with torch.no_grad():
        program = torch.export.export(graph, (image((42, 70)),)).module()
        torch.testing.assert_close(program(image((42, 70))), graph(image((42, 70))))
        with pytest.raises((RuntimeError, AssertionError)):
            program(image((70, 42)))


def test_copies_of_a_model_are_the_model():
    model = model_of(dict(type="DINOv2", arch="tiny"))
    with torch.no_grad():
        expected = model(image((42, 70)), mode="tensor")["depth"]
        for same in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            assert torch.equal(same(image((42, 70)), mode="tensor")["depth"], expected)
        double = copy.deepcopy(model).double()(image((42, 70)).double(), mode="tensor")["depth"]
        torch.testing.assert_close(double.float(), expected, rtol=1e-4, atol=1e-4)
