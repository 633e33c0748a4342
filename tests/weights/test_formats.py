"""Files of each known format, written here, must give the output of the model that they were made from."""

import pytest
import timm
import torch
from safetensors.torch import load_file
from support.depth_anything_peer import V1_STAGES, build_peer, official_state, published_state, redraw
from support.models import depth_anything, normal_image

from mdetools.errors import UserError
from mdetools.registry import BACKBONES, MODELS
from mdetools.weights.files import read_checkpoint
from mdetools.weights.formats import to_mdetools
from mdetools.weights.loading import load_matching

IMAGE = normal_image(56, 70)


@pytest.fixture(scope="module")
def peer():
    peer = build_peer()
    redraw(peer, seed=0)
    return peer


@pytest.fixture(scope="module")
def model():
    return depth_anything(pos_embed_offset=None).eval()  # as transformers resamples


def depth_from(file, model):
    """The depth of `model`, in which every weight stems from `file`."""
    for value in model.state_dict().values():
        value.zero_()
    load_matching(model, to_mdetools(read_checkpoint(file), str(file)), str(file))
    with torch.inference_mode():
        return model(IMAGE)["depth"][:, 0]


def assert_depth_of(peer, depth):
    with torch.inference_mode():
        expected = peer(IMAGE).predicted_depth
    assert expected.std() > 0.5  # metres
    torch.testing.assert_close(depth, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("wrapper", [None, "model", "state_dict"])
def test_official_depth_anything(peer, model, tmp_path, wrapper, prefix):
    state = {prefix + key: value for key, value in official_state(peer).items()}
    if wrapper:
        state = {wrapper: state, "epoch": 3, "optimizer": {"state": {}}, "previous_best": {"d1": 0.9}}
    torch.save(state, tmp_path / "official.pth")
    assert_depth_of(peer, depth_from(tmp_path / "official.pth", model))


def test_official_names_land_where_they_belong(peer, model, tmp_path):
    official = official_state(peer)
    torch.save(official, tmp_path / "official.pth")
    depth_from(tmp_path / "official.pth", model)
    own = model.state_dict()
    for theirs, ours in {
        "pretrained.cls_token": "backbone.vit.cls_token",
        "pretrained.pos_embed": "backbone.vit.pos_embed",
        "pretrained.patch_embed.proj.weight": "backbone.vit.patch_embed.proj.weight",
        "pretrained.blocks.10.attn.qkv.weight": "backbone.vit.blocks.10.attn.qkv.weight",
        "pretrained.blocks.1.ls2.gamma": "backbone.vit.blocks.1.ls2.gamma",
        "pretrained.norm.bias": "backbone.vit.norm.bias",
        "depth_head.projects.3.bias": "head.projects.3.bias",
        "depth_head.resize_layers.3.weight": "head.resizers.3.weight",
        "depth_head.scratch.layer1_rn.weight": "head.reducers.0.weight",
        "depth_head.scratch.layer4_rn.weight": "head.reducers.3.weight",
        "depth_head.scratch.refinenet1.resConfUnit1.conv2.weight": "head.fusions.0.skip_unit.conv2.weight",
        "depth_head.scratch.refinenet3.resConfUnit2.conv1.bias": "head.fusions.2.unit.conv1.bias",
        "depth_head.scratch.refinenet4.out_conv.weight": "head.fusions.3.out_conv.weight",
        "depth_head.scratch.output_conv1.weight": "head.output_conv1.weight",
        "depth_head.scratch.output_conv2.0.weight": "head.output_conv2.weight",
        "depth_head.scratch.output_conv2.2.bias": "head.output_conv3.bias",
    }.items():
        assert torch.equal(own[ours], official[theirs]), theirs
    # All but the mask token and the first unit of the coarsest block, four weights that no forward pass uses.
    assert len(own) == len(official) - 5


def test_version_1_relative(tmp_path):
    """Depth Anything V1 has the same names; it takes the last four blocks."""
    peer = build_peer(stages=V1_STAGES, metric=False)
    redraw(peer, seed=3)
    torch.save(official_state(peer), tmp_path / "depth_anything_vits14.pth")
    backbone = dict(type="DINOv2", pos_embed_offset=None, out_indices=(8, 9, 10, 11))
    head = dict(type="DPTHead", output=dict(type="ReluInverseDepth"))
    model = MODELS.build(dict(type="DepthEstimator", backbone=backbone, head=head)).eval()
    load_matching(model, to_mdetools(read_checkpoint(tmp_path / "depth_anything_vits14.pth"), "v1"), "v1")
    with torch.inference_mode():
        ours, theirs = model(IMAGE)["inverse_depth"][:, 0], peer(IMAGE).predicted_depth
    assert theirs.std() > 0.05 * theirs.max() > 0
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4 * theirs.max().item())


def test_hugging_face_folder_and_file(peer, model, tmp_path):
    peer.save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    assert set(load_file(file)) == set(published_state(peer))  # so the published names are what the next line reads
    assert_depth_of(peer, depth_from(tmp_path, model))
    assert_depth_of(peer, depth_from(file, model))


def test_hugging_face_names_in_memory(peer, model, tmp_path):
    torch.save(peer.state_dict(), tmp_path / "peer.pth")
    assert_depth_of(peer, depth_from(tmp_path / "peer.pth", model))


def test_mdetools_checkpoint(peer, model, tmp_path):
    depth = depth_from(write(tmp_path, official_state(peer)), model)
    ours = {"meta": {"mdetools_version": "1.0"}, "state_dict": dict(model.state_dict()), "optimizer": {}}
    assert torch.equal(depth_from(write(tmp_path, ours), model), depth)


def write(folder, checkpoint):
    torch.save(checkpoint, folder / "weights.pth")
    return folder / "weights.pth"


def encoder_state(peer):
    """DINOv2's own names: with a mask token, without a head."""
    prefix = "pretrained."
    return {k.removeprefix(prefix): v for k, v in official_state(peer).items() if k.startswith(prefix)}


def chunked_teacher(state):
    """A teacher as DINOv2's training code saves it: four chunks of blocks, and its heads beside the backbone."""
    chunked = {"dino_head.mlp.0.weight": torch.zeros(4, 384)}
    for key, value in state.items():
        if key.startswith("blocks."):
            index = int(key.split(".")[1])
            key = f"blocks.{index // 3}.{key.removeprefix('blocks.')}"
        chunked[f"backbone.{key}"] = value
    return {"teacher": chunked}


@pytest.fixture(scope="module")
def backbone():
    return BACKBONES.build(dict(type="DINOv2", pos_embed_offset=None)).eval()


def assert_features_of(peer, file, backbone, extra=()):
    prefix = "backbone."
    state = {k.removeprefix(prefix): v for k, v in to_mdetools(read_checkpoint(file), str(file)).items()}
    assert set(state) ^ set(backbone.state_dict()) == set(extra)
    for value in backbone.state_dict().values():
        value.zero_()
    backbone.load_state_dict(state, strict=False)
    with torch.inference_mode():
        found, expected = backbone(IMAGE), peer.backbone(IMAGE).feature_maps
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours.flatten(2).transpose(1, 2), theirs[:, 1:], rtol=0, atol=1e-4)


@pytest.mark.parametrize("wrap", [dict, lambda state: {"teacher": state}, lambda state: {"model": state}])
def test_dinov2_published(peer, backbone, tmp_path, wrap):
    assert_features_of(peer, write(tmp_path, wrap(encoder_state(peer))), backbone)


def test_dinov2_teacher_of_a_training_run(peer, backbone, tmp_path):
    file = write(tmp_path, chunked_teacher(encoder_state(peer)))
    assert_features_of(peer, file, backbone, extra=["vit.dino_head.mlp.0.weight"])


def test_timm_state_and_timm_name(peer, backbone, tmp_path, monkeypatch):
    """timm reads DINOv2's own file with its own converter; here `timm:` finds that file instead of the network."""
    file, create_model = write(tmp_path, encoder_state(peer)), timm.create_model
    asked = []

    def from_file(name, **kwargs):
        asked.append(name)
        return create_model(name, pretrained_cfg_overlay=dict(file=str(file), url="", hf_hub_id=None), **kwargs)

    monkeypatch.setattr(timm, "create_model", from_file)
    assert_features_of(peer, "timm:vit_small_patch14_dinov2.lvd142m", backbone)
    assert asked == ["vit_small_patch14_dinov2.lvd142m"]
    state = from_file(asked[0], pretrained=True, num_classes=0).state_dict()
    assert_features_of(peer, write(tmp_path, state), backbone)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("vit_smal_patch14_dinov2", "timm has no model 'vit_smal_patch14_dinov2'"),
        ("vit_small_patch14_dinov2.nope", r"'timm:vit_small_patch14_dinov2.nope' \(Invalid pretrained tag \(nope\)"),
    ],
)
def test_unknown_timm_name(name, message):
    with pytest.raises(UserError, match=message):
        read_checkpoint(f"timm:{name}")


def test_timm_without_network(monkeypatch):
    def create_model(*_, **__):
        raise FileNotFoundError("cannot find the requested files in the local cache\nsecond line")

    monkeypatch.setattr(timm, "create_model", create_model)
    with pytest.raises(UserError, match=r"local cache\); check the name and the network") as caught:
        read_checkpoint("timm:vit_small_patch14_dinov2.lvd142m")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("checkpoint", [{"layer1.conv.weight": torch.zeros(1)}, {"model": {}}, {"epoch": 3}])
def test_unknown_format(checkpoint):
    with pytest.raises(
        UserError, match="'resnet.pth' is of no known format .* expected weights of mdetools, Depth Any"
    ):
        to_mdetools(checkpoint, "resnet.pth")
