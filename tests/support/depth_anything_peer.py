"""transformers' Depth Anything with weights that make its output vary, and the names that the official files use."""

import re

import cv2
import numpy as np
import torch
from torch import Tensor, nn

__all__ = [
    "SMALL",
    "V1_STAGES",
    "V2_STAGES",
    "build_peer",
    "cubic_weights",
    "load_official",
    "official_input",
    "official_state",
    "published_state",
    "redraw",
    "resample_officially",
    "run_officially",
]

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])

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


@torch.no_grad()
def load_official(peer: nn.Module, state: dict[str, Tensor]) -> None:
    """Gives `peer` the weights of an official file, which has the very names of `official_state`."""
    own = official_state(peer)
    assert own.keys() == state.keys()
    published = published_state(peer)  # which shares its memory with the peer, as `own` does but for what it joins
    for name, value in own.items():
        value.copy_(state[name])
        if joined := re.match(r"pretrained\.blocks\.(\d+)\.attn\.qkv\.(\w+)", name):
            for part, values in zip(("query", "key", "value"), value.chunk(3), strict=True):
                published[f"backbone.encoder.layer.{joined[1]}.attention.attention.{part}.{joined[2]}"].copy_(values)


def cubic_weights(count: int, side: int, offset: float) -> np.ndarray:
    """(count, side): Keys' cubic convolution with a = -0.75, clamped at the border, in float64."""
    x = (np.arange(count) + 0.5) * side / (count + offset) - 0.5
    weights = np.zeros((count, side))
    for tap in range(-1, 3):
        cell = np.floor(x).astype(int) + tap
        d, a = np.abs(x - cell), -0.75
        near, far = (a + 2) * d**3 - (a + 3) * d**2 + 1, a * (d**3 - 5 * d**2 + 8 * d - 4)
        np.add.at(weights, (np.arange(count), cell.clip(0, side - 1)), np.where(d <= 1, near, far))
    return weights


def resample_officially(peer: nn.Module, height: int, width: int) -> Tensor:
    """The peer's position embeddings for an image of that size, as Depth Anything's code resamples them."""
    embed = peer.backbone.embeddings.position_embeddings.detach()
    if (height, width) == (518, 518):
        return embed
    rows, columns = (cubic_weights(side // 14, 37, offset=0.1) for side in (height, width))
    patches = np.einsum("iy,jx,yxc->ijc", rows, columns, embed[0, 1:].unflatten(0, (37, 37)).double().numpy())
    return torch.cat([embed[:, :1], torch.from_numpy(patches).float().flatten(0, 1)[None]], dim=1)


def official_input(picture: np.ndarray, least: int = 518) -> Tensor:
    """A picture, uint8 RGB (H, W, 3), as Depth Anything's `image2tensor` makes it: float64, cubic, multiples of 14."""
    scale = max(least / picture.shape[0], least / picture.shape[1])
    sides = [scale * side for side in picture.shape[:2]]
    rounded = [int(np.round(side / 14) * 14) for side in sides]
    height, width = (
        size if size >= least else int(np.ceil(side / 14) * 14) for size, side in zip(rounded, sides, strict=True)
    )
    resized = cv2.resize(picture / 255.0, (width, height), interpolation=cv2.INTER_CUBIC)
    return torch.from_numpy(((resized - MEAN) / STD).transpose(2, 0, 1)[None].astype(np.float32))


@torch.inference_mode()
def run_officially(peer: nn.Module, tensor: Tensor) -> Tensor:
    """The map (1, 1, h, w) of `official_input`, as Depth Anything's code computes it with the peer's weights."""
    resampled = resample_officially(peer, *tensor.shape[-2:])
    peer.backbone.embeddings.interpolate_pos_encoding = lambda *args: resampled
    return peer(tensor).predicted_depth[:, None]
