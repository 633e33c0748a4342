"""The JSON files of a Hugging Face Depth Anything folder, for a model of mdetools: the way back of `hugging_face`."""

from collections.abc import Mapping

from torch import Tensor

from mdetools.weights.others import is_gated

__all__ = ["OWN", "model_json", "preprocessor_json"]

OWN = "mdetools"  # entry of config.json that transformers keeps and does not use: what the folder cannot say otherwise


def model_json(state: Mapping[str, Tensor], claims: Mapping[str, object], heads: int, patch: int) -> dict:
    """What `config.json` says of a model.

    Args:
        state: its state dict.
        claims: what it is, see `claims_of_model`.
        heads: of its attention.
        patch: pixels of a side of its patches.
    """
    width = state["backbone.vit.cls_token"].shape[-1]
    side = round((state["backbone.vit.pos_embed"].shape[1] - 1) ** 0.5)
    stages = [index + 1 for index in claims["backbone.out_indices"]]
    metric = claims["head.output.type"] == "SigmoidDepth"
    dtype = str(state["backbone.vit.cls_token"].dtype).removeprefix("torch.")
    backbone = {
        "architectures": ["Dinov2Model"],
        "model_type": "dinov2",
        "hidden_size": width,
        "num_hidden_layers": max(stages),
        "num_attention_heads": heads,
        "mlp_ratio": 4 if is_gated(state) else state["backbone.vit.blocks.0.mlp.fc1.weight"].shape[0] // width,
        "use_swiglu_ffn": is_gated(state),
        "image_size": patch * side,
        "patch_size": patch,
        "out_features": [f"stage{stage}" for stage in stages],
        "out_indices": stages,
        "apply_layernorm": True,
        "reshape_hidden_states": False,
        "torch_dtype": dtype,
    }
    return {
        "architectures": ["DepthAnythingForDepthEstimation"],
        "model_type": "depth_anything",
        "backbone_config": backbone,
        "patch_size": patch,
        "reassemble_hidden_size": width,
        "reassemble_factors": [4, 2, 1, 0.5],
        "neck_hidden_sizes": [state[f"head.projects.{level}.weight"].shape[0] for level in range(4)],
        "fusion_hidden_size": state["head.output_conv1.weight"].shape[1],
        "head_in_index": -1,
        "head_hidden_size": state["head.output_conv2.weight"].shape[0],
        "depth_estimation_type": "metric" if metric else "relative",
        "max_depth": int(claims["head.output.max_depth"]) if metric else 1,
        "torch_dtype": dtype,
        OWN: {"pos_embed_offset": claims["backbone.pos_embed_offset"]},
    }


def preprocessor_json(claims: Mapping[str, object], size: tuple[int, int], multiple_of: int, keep_aspect: bool) -> dict:
    """What `preprocessor_config.json` says: `claims` as above, and the arguments of a `Resize`."""
    return {
        "image_processor_type": "DPTImageProcessor",
        "do_resize": True,
        "size": {"height": size[0], "width": size[1]},
        "keep_aspect_ratio": keep_aspect,
        "ensure_multiple_of": multiple_of,
        "resample": 3,  # bicubic
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(claims["data_preprocessor.mean"]),
        "image_std": list(claims["data_preprocessor.std"]),
        "do_pad": False,
    }
