"""Depth beside the image: nothing changes before the first step, and depth comes from the batch or from a network."""

import copy

import pytest
import torch
from support.models import FOUR_BLOCKS, normal_image, small_estimator
from support.tiny_training import tiny_vit_patch14_test  # noqa: F401  registers "tiny"
from support.user_errors import user_error

from mdetools.contract import inverse_depth_of
from mdetools.models.backbones import DepthAugmentedBackbone
from mdetools.models.layers.depth_channel import depth_channel
from mdetools.registry import BACKBONES, MODELS
from mdetools.testing import check_backbone
from mdetools.weights.published import Published, write_published

RESNET = dict(type="TimmBackbone", name="resnet18", options=dict(channels=[8, 8, 16, 16]))
BACKBONES_OF_IMAGES = {
    "resnet": RESNET,
    "convnext": dict(type="TimmBackbone", name="convnext_atto"),
    "vit": dict(type="TimmBackbone", name="vit_tiny_patch16_224", options=dict(depth=4)),
    "dinov2": dict(type="DINOv2", arch="tiny", out_indices=FOUR_BLOCKS),
    "alexnet": dict(type="AlexNetFCN"),
    "fast_conv": dict(type="FastConv", input_channels=3, input_size=(112, 112)),
}
DEPTH = dict(
    type="Estimator",
    backbone=dict(type="DINOv2", arch="tiny", out_indices=FOUR_BLOCKS),
    head=dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8), output=dict(type="SoftplusInverseDepth")),
)


def augmented(backbone=RESNET, depth=DEPTH, **options):
    torch.manual_seed(0)
    return BACKBONES.build(dict(type="DepthAugmentedBackbone", backbone=backbone, depth=depth, **options))


def classifier(backbone):
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type="Estimator",
            backbone=backbone,
            head=dict(type="ClassificationHead", num_classes=3),
            losses=dict(classes=dict(type="CrossEntropyLoss")),
        )
    )


@pytest.mark.parametrize("name", BACKBONES_OF_IMAGES)
def test_before_the_first_step_it_is_the_network_of_the_image_to_the_bit(name):
    config = BACKBONES_OF_IMAGES[name]
    plain = classifier(config)
    with_depth = classifier(dict(type="DepthAugmentedBackbone", backbone=config, depth=DEPTH))
    assert torch.equal(plain.head.linear.weight, with_depth.head.linear.weight)  # nothing else is drawn
    image, given = normal_image(112, 112, 2), torch.randn(2, 1, 112, 112)
    for mode in (True, False):
        for seen in (image, torch.cat([image, given], 1)):
            found = []
            for model, one in ((plain, image), (with_depth, seen)):
                torch.manual_seed(1)  # of dropout
                found.append(copy.deepcopy(model).train(mode)(one)["scores"])  # a copy, for batch norm counts
            assert torch.equal(*found)


def test_a_step_later_it_is_not():
    plain = classifier(RESNET)
    with_depth = classifier(dict(type="DepthAugmentedBackbone", backbone=RESNET))
    image = torch.cat([normal_image(64, 64, 2), torch.randn(2, 1, 64, 64)], 1)
    targets = {"image": image, "label": torch.tensor([0, 2])}
    for model, seen in ((plain, image[:, :3]), (with_depth, image)):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        sum(model(seen, targets, mode="loss").values()).backward()
        optimizer.step()
    one, other = (dict(model.backbone.named_parameters()) for model in (plain, with_depth))
    assert torch.equal(one["model.layer4.1.conv2.weight"], other["backbone.model.layer4.1.conv2.weight"])
    assert other["backbone.model.conv1.further.weight"].any()
    assert not torch.equal(plain(image[:, :3])["scores"], with_depth(image)["scores"])


@pytest.mark.parametrize("channels", [("image", "depth"), ("depth",)])
def test_battery(channels):
    check_backbone(augmented(channels=channels), (70, 98))


def test_the_networks_own_depth_is_what_a_data_set_that_reads_it_gives():
    """Its images are those in [0, 1], which are normalised another time by the network's own preprocessor."""
    depth = {**DEPTH, "data_preprocessor": dict(mean=(0.5, 0.4, 0.3), std=(0.2, 0.2, 0.2))}
    backbone = augmented(depth=depth, channels=("depth",), mean=(0.4, 0.4, 0.4), std=(0.3, 0.3, 0.3)).eval()
    picture = torch.rand(2, 3, 70, 98, generator=torch.Generator().manual_seed(0))
    network = backbone.depth
    normalised = (picture - torch.tensor([0.5, 0.4, 0.3]).view(3, 1, 1)) / 0.2
    channel = depth_channel(inverse_depth_of({"inverse_depth": network(normalised)["inverse_depth"]}))
    image = (picture - 0.4) / 0.3
    own, read = backbone(image), backbone(torch.cat([image, channel], 1))
    assert all(torch.allclose(one, other, atol=1e-4) for one, other in zip(own, read, strict=True))
    assert own[-1].std() > 0


@pytest.mark.parametrize("frozen", [True, False])
def test_a_frozen_network_stays_as_it_is_and_another_learns(frozen):
    model = classifier(dict(type="DepthAugmentedBackbone", backbone=RESNET, depth=DEPTH, frozen=frozen)).train()
    torch.nn.init.normal_(model.backbone.backbone.model.conv1.further.weight, std=0.1)
    assert model.backbone.depth.training is not frozen and model.backbone.backbone.training
    image = normal_image(70, 98, 2)
    sum(model(image, {"image": image, "label": torch.tensor([0, 2])}, mode="loss").values()).backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters() if ".depth." in name}
    assert len(gradients) > 20
    if frozen:
        assert all(gradient is None for gradient in gradients.values())
    else:
        assert all(gradient is not None for gradient in gradients.values())
        assert sum(bool(gradient.any()) for gradient in gradients.values()) > len(gradients) / 2


def test_the_network_is_in_the_state_dict_and_comes_back():
    backbone = augmented()
    twin = copy.deepcopy(backbone)
    for parameter in twin.parameters():
        parameter.data.zero_()
    twin.load_state_dict(backbone.state_dict())
    image = normal_image(70, 98)
    assert all(map(torch.equal, backbone.eval()(image), twin.eval()(image)))


def test_weights_of_a_checkpoint_and_of_a_published_file(tmp_path):
    teacher = small_estimator("inverse_depth")
    state = teacher.state_dict()
    config = {**DEPTH, "head": {**DEPTH["head"], "output": dict(type="ReluInverseDepth")}}
    torch.save({"meta": {}, "state_dict": state}, tmp_path / "depth.pth")
    published = Published("mine", "inverse_depth", config, {"type": "Resize", "size": [56, 70]}, "Apache-2.0")
    write_published(tmp_path / "mine.safetensors", state, published)
    one = augmented(depth=config, checkpoint=str(tmp_path / "depth.pth"))
    other = augmented(depth=str(tmp_path / "mine.safetensors"))
    for backbone in (one, other):
        assert all(torch.equal(value, state[name]) for name, value in backbone.depth.state_dict().items())
    assert one.depth_size is None and other.depth_size == (56, 70)
    sizes = []
    other.depth.backbone.register_forward_hook(lambda _, inputs, __: sizes.append(tuple(inputs[0].shape[-2:])))
    other(normal_image(64, 64))
    assert sizes == [(56, 70)]


def test_a_header_that_would_import_something_is_refused(tmp_path):
    config = {**DEPTH, "backbone": dict(type="os.system")}
    published = Published("bad", "inverse_depth", config, {"type": "Resize"}, "none")
    write_published(tmp_path / "bad.safetensors", {"a": torch.zeros(1)}, published)
    user_error(lambda: augmented(depth=str(tmp_path / "bad.safetensors")), "bad.safetensors", "os.system", "registered")


def test_mistakes_are_one_line(tmp_path):
    image = normal_image(70, 98)
    user_error(lambda: augmented(channels=("image",)), "('image',)", "('depth',)")
    user_error(lambda: augmented(depth="mdetools-tini"), "mdetools-tiny")
    user_error(lambda: augmented(depth="mdetools-tiny", checkpoint="a.pth"), "checkpoint")
    user_error(lambda: augmented(depth=None)(image), "without depth", "DepthChannel", "mdetools-tiny")
    trained = augmented(frozen=False)
    user_error(lambda: trained(torch.cat([image, image[:, :1]], 1)), "frozen=False", "DepthChannel")
    torch.save({"meta": {}, "state_dict": {"a": torch.zeros(1)}}, tmp_path / "other.pth")
    user_error(lambda: augmented(checkpoint=str(tmp_path / "other.pth")), "other.pth")


def test_the_shipped_network_is_there_by_its_name():
    backbone = DepthAugmentedBackbone(RESNET, depth="mdetools-tiny", depth_size=(64, 64)).eval()
    image = normal_image(64, 64)
    assert backbone.predict_channel(image).std() == pytest.approx(1, abs=2e-2)
