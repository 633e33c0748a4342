"""transformers' Depth Anything with weights that make its output vary, and the names that the official files use."""

import re

import torch
from torch import Tensor, nn

__all__ = ["SMALL", "V1_STAGES", "V2_STAGES", "build_peer", "official_state", "published_state", "redraw"]

SMALL = dict(hidden_size=384, num_attention_heads=6, num_hidden_layers=12)
V1_STAGES = ("stage9", "stage10", "stage11", "stage12")
V2_STAGES = ("stage3", "stage6", "stage9", "stage12")


def build_peer(stages=V2_STAGES, backbone=SMALL, neck=(48, 96, 192, 384), fusion=64, metric=True) -> nn.Module:
    """transformers' DepthAnythingForDepthEstimation in eval mode; max_depth is 10 m for a metric one."""
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    vit = Dinov2Config(
        image_size=518, patch_size=14, out_features=list(stages), reshape_hidden_states=False, apply_layernorm=True,
        **backbone,
    )  # fmt: skip
    config = DepthAnythingConfig(
        backbone_config=vit,
        reassemble_hidden_size=backbone["hidden_size"],
        patch_size=14,
        neck_hidden_sizes=list(neck),
        fusion_hidden_size=fusion,
        depth_estimation_type="metric" if metric else "relative",
        max_depth=10 if metric else 1,
    )
    return DepthAnythingForDepthEstimation(config).eval()


@torch.no_grad()
def redraw(model: nn.Module, seed: int) -> None:
    """Draws all weights at random, so that each one matters: else a model's depth is constant to 1e-4 m."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if "layer_scale" in name or re.search(r"norm\d?\.weight$", name):
            noise = 1 + 0.1 * noise
        elif name.endswith("conv3.weight"):  # its inputs are positive; without the mean, logits of both signs come out
            noise = noise - noise.mean()
        elif name.endswith(("position_embeddings", "token")):
            pass
        elif parameter.ndim > 1:
            noise = noise / parameter[0].numel() ** 0.5
        else:
            noise = 0.1 * noise
        parameter.copy_(noise)


def published_state(peer: nn.Module) -> dict[str, Tensor]:
    """The weights of `peer` under the names of the published Hugging Face files, which transformers 5 renames."""
    state = {}
    for key, value in peer.state_dict().items():
        for letter, name in dict(q="query", k="key", v="value").items():
            key = key.replace(f".attention.{letter}_proj.", f".attention.attention.{name}.")
        key = key.replace(".attention.o_proj.", ".attention.output.dense.")
        state[key.replace(".mlp.down_proj.", ".mlp.weights_out.")] = value
    for key in [key for key in state if ".mlp.gate_proj." in key]:
        gate_and_up = [state.pop(key), state.pop(key.replace("gate_proj", "up_proj"))]
        state[key.replace("gate_proj", "weights_in")] = torch.cat(gate_and_up)
    return state


def official_state(peer: nn.Module) -> dict[str, Tensor]:
    """The weights of `peer` under the names of the official Depth Anything files, V1 and V2 alike."""
    own = published_state(peer)
    state = {}

    def copy(theirs: str, here: str) -> None:
        found = {key: value for key, value in own.items() if key.startswith(here)}
        assert found, here
        state.update({theirs + key.removeprefix(here): value for key, value in found.items()})

    copy("pretrained.cls_token", "backbone.embeddings.cls_token")
    copy("pretrained.mask_token", "backbone.embeddings.mask_token")
    copy("pretrained.pos_embed", "backbone.embeddings.position_embeddings")
    copy("pretrained.patch_embed.proj.", "backbone.embeddings.patch_embeddings.projection.")
    copy("pretrained.norm.", "backbone.layernorm.")
    mlp = {"w12": "weights_in", "w3": "weights_out"}
    if not peer.config.backbone_config.use_swiglu_ffn:
        mlp = {"fc1": "fc1", "fc2": "fc2"}
    for index in range(peer.config.backbone_config.num_hidden_layers):
        theirs, here = f"pretrained.blocks.{index}.", f"backbone.encoder.layer.{index}."
        for norm_or_scale in (1, 2):
            copy(f"{theirs}norm{norm_or_scale}.", f"{here}norm{norm_or_scale}.")
            copy(f"{theirs}ls{norm_or_scale}.gamma", f"{here}layer_scale{norm_or_scale}.lambda1")
        for one, other in mlp.items():
            copy(f"{theirs}mlp.{one}.", f"{here}mlp.{other}.")
        copy(f"{theirs}attn.proj.", f"{here}attention.output.dense.")
        for kind in ("weight", "bias"):
            joined = [own[f"{here}attention.attention.{name}.{kind}"] for name in ("query", "key", "value")]
            state[f"{theirs}attn.qkv.{kind}"] = torch.cat(joined)
    for index in range(4):
        layer = f"neck.reassemble_stage.layers.{index}."
        copy(f"depth_head.projects.{index}.", f"{layer}projection.")
        if index != 2:
            copy(f"depth_head.resize_layers.{index}.", f"{layer}resize.")
        copy(f"depth_head.scratch.layer{index + 1}_rn.", f"neck.convs.{index}.")
        theirs, here = f"depth_head.scratch.refinenet{4 - index}.", f"neck.fusion_stage.layers.{index}."
        copy(f"{theirs}out_conv.", f"{here}projection.")
        for unit, conv in ((1, 1), (1, 2), (2, 1), (2, 2)):
            copy(f"{theirs}resConfUnit{unit}.conv{conv}.", f"{here}residual_layer{unit}.convolution{conv}.")
    for theirs, here in (("output_conv1", "conv1"), ("output_conv2.0", "conv2"), ("output_conv2.2", "conv3")):
        copy(f"depth_head.scratch.{theirs}.", f"head.{here}.")
    return state
