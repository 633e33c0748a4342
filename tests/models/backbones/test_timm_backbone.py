import pytest
import timm
import torch
from support.models import normal_image

from mdetools.errors import UserError
from mdetools.registry import BACKBONES
from mdetools.testing import check_backbone


def timm_backbone(name, **kwargs):
    torch.manual_seed(0)
    return BACKBONES.build(dict(type="TimmBackbone", name=name, **kwargs)).eval()


CASES = [
    ("resnet18", None, (64, 94), [64, 128, 256, 512], [4, 8, 16, 32]),
    ("convnext_atto", (1, 2, 3), (64, 94), [80, 160, 320], [8, 16, 32]),
    ("vit_tiny_patch16_224", (1, 2, 3), (48, 80), [192] * 3, [16] * 3),
]


@pytest.mark.parametrize(("name", "out_indices", "size", "channels", "strides"), CASES)
def test_battery(name, out_indices, size, channels, strides):
    backbone = timm_backbone(name, out_indices=out_indices)
    assert (backbone.channels, backbone.strides) == (channels, strides)
    check_backbone(backbone, size)


def test_maps_with_the_channels_last_are_turned():
    """As timm has them of Swin transformers."""
    backbone = timm_backbone("swin_tiny_patch4_window7_224", out_indices=(1, 2))
    image = normal_image(224, 224)
    with torch.no_grad():
        second, third = backbone(image)
        raw = backbone.model(image)
    assert second.shape == (1, 192, 28, 28) and third.shape == (1, 384, 14, 14)
    assert torch.equal(second[0, 5, 2, 3], raw[0][0, 2, 3, 5])


def test_resnet50_gives_the_maps_of_its_four_stages():
    backbone = timm_backbone("resnet50")
    resnet = timm.create_model("resnet50", num_classes=0).eval()
    resnet.load_state_dict(backbone.model.state_dict())
    image = normal_image(64, 96)
    with torch.no_grad():
        x = resnet.maxpool(resnet.act1(resnet.bn1(resnet.conv1(image))))
        for stage, found in enumerate(backbone(image), 1):
            x = getattr(resnet, f"layer{stage}")(x)
            assert x.std() > 0.01
            torch.testing.assert_close(found, x)
    assert stage == 4 and backbone.strides == [4, 8, 16, 32] and backbone.channels == [256, 512, 1024, 2048]


def test_a_transformer_gives_its_last_four_blocks():
    backbone = timm_backbone("vit_tiny_patch16_224")
    vit = timm.create_model("vit_tiny_patch16_224", num_classes=0).eval()
    vit.load_state_dict({name.removeprefix("model."): v for name, v in backbone.model.state_dict().items()}, False)
    image = normal_image(224, 224)
    with torch.no_grad():
        tokens = vit._pos_embed(vit.patch_embed(image))
        outputs = []
        for block in vit.blocks:
            tokens = block(tokens)
            outputs.append(tokens[0, 1:].T.reshape(1, 192, 14, 14))
        for found, expected in zip(backbone(image), outputs[-4:], strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (dict(name="restnet50"), "timm has no model 'restnet50'; did you mean 'resnet50'"),
        (dict(name="restnet50.a1_in1k"), "timm has no model 'restnet50.a1_in1k'; did you mean 'resnet50'"),
        (dict(name="??"), "timm has no model '\\?\\?'; see `timm.list_models"),
        (dict(name="resnet18.a0"), "timm cannot give .* of 'resnet18.a0': Invalid pretrained tag"),
        (dict(name="resnet18", out_indices=(1, 9)), "timm cannot give the maps \\(1, 9\\) of 'resnet18': "),
        (dict(name="vit_tiny_patch16_224", out_indices=(1, 19)), "maps \\(1, 19\\) of .*: feature index 19"),
    ],
)
def test_what_timm_does_not_have(settings, message):
    with pytest.raises(UserError, match=message) as caught:
        timm_backbone(**settings)
    assert "\n" not in str(caught.value)


def test_weights_that_cannot_be_downloaded(monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionError("no network")

    monkeypatch.setattr(timm, "create_model", refuse)
    with pytest.raises(UserError, match="could not download the weights of 'resnet18' .ConnectionError.; set"):
        timm_backbone("resnet18", pretrained=True)


def test_images_that_patches_do_not_fill():
    with pytest.raises(UserError, match="image of 48x70; both sides must be multiples of 16"):
        timm_backbone("vit_tiny_patch16_224", out_indices=(0,))(torch.randn(1, 3, 48, 70))


def test_options_go_to_timm():
    """Of a narrow residual network with attention over channels."""
    backbone = timm_backbone("resnet18", options=dict(channels=[8, 16, 24, 40], block_args=dict(attn_layer="se")))
    assert backbone.channels == [8, 16, 24, 40] and backbone.strides == [4, 8, 16, 32]
    peer = timm.create_model("resnet18", num_classes=0, channels=(8, 16, 24, 40), block_args=dict(attn_layer="se"))
    peer.load_state_dict(backbone.model.state_dict())
    image = normal_image(64, 96)
    with torch.no_grad():
        torch.testing.assert_close(backbone(image)[3], peer.eval().forward_features(image))
    with pytest.raises(UserError, match="does not take options={'no_such': 1}"):
        timm_backbone("resnet18", options=dict(no_such=1))
