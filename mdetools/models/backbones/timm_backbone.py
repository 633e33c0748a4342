"""Any model of timm as a backbone."""

from collections.abc import Sequence

from torch import Tensor, nn

from mdetools.errors import UserError, one_line, suggest
from mdetools.models.layers import map_size
from mdetools.registry import BACKBONES

__all__ = ["TimmBackbone"]

PLAIN_TRANSFORMERS = {"deit", "eva", "vision_transformer"}  # timm's files of models with `dynamic_img_size`


@BACKBONES.register_module()
class TimmBackbone(nn.Module):
    """The feature maps of a model of timm; https://huggingface.co/docs/timm/feature_extraction.

    Args:
        name: as in `timm.list_models()`, with a tag of its weights or without: "resnet50", "convnext_tiny.fb_in1k",
            "vit_small_patch16_224".
        out_indices: levels whose maps are returned, fine to coarse; blocks of a plain vision transformer, in their
            order, before its final norm. None takes the last four: strides 4 to 32 of a convolutional network.
        pretrained: load timm's weights, which it downloads once. Normalise the images as `timm.get_pretrained_cfg`
            says, by the preprocessor's `mean` and `std`.
        options: further arguments of `timm.create_model`, such as the widths of a small residual network,
            `dict(channels=(48, 96, 192, 288), block_args=dict(attn_layer="se"))`.

    Attributes:
        channels: channels of each returned map.
        strides: pixels of the image per cell of each returned map.
        out_indices: as given.

    Raises:
        UserError: if timm has no such model, level or weights, cannot get the weights, or takes no such option.
    """

    opaque_arguments = ("options",)  # of timm, which checks them

    def __init__(
        self,
        name: str,
        out_indices: Sequence[int] | None = None,
        pretrained: bool = False,
        options: dict | None = None,
    ) -> None:
        super().__init__()
        import timm

        if not timm.is_model(name):
            hint = suggest(name.split(".")[0], timm.list_models(), otherwise="see `timm.list_models()`")
            raise UserError(f"TimmBackbone: timm has no model '{name}'; {hint}")
        is_plain = timm.models.is_model_in_modules(name, PLAIN_TRANSFORMERS)
        settings = dict(dynamic_img_size=True) if is_plain else {}
        settings |= options or {}
        levels = 4 if out_indices is None else tuple(out_indices)
        try:
            self.model = timm.create_model(
                name, pretrained=pretrained, features_only=True, out_indices=levels, **settings
            )
        except (AssertionError, IndexError, RuntimeError) as error:  # timm's answers to what it does not have
            raise UserError(
                f"TimmBackbone: timm cannot give the maps {out_indices or 'of the last 4 levels'} of '{name}': {error}"
            ) from error
        except TypeError as error:
            raise UserError(f"TimmBackbone: '{name}' does not take options={settings}: {one_line(error)}") from error
        except OSError as error:
            raise UserError(
                f"TimmBackbone: timm could not download the weights of '{name}' ({type(error).__name__}); "
                f"set pretrained=False, or load a file of weights by `pretrained.checkpoint`"
            ) from error
        self.out_indices = out_indices
        self.channels = self.model.feature_info.channels()
        self.strides = self.model.feature_info.reduction()
        self.multiple_of = self.strides[0] if is_plain else 1
        self.channels_last = getattr(self.model, "output_fmt", "NCHW") == "NHWC"

    def forward(self, image: Tensor) -> list[Tensor]:
        """Extracts the maps.

        Args:
            image: (B, 3, H, W), normalised.

        Returns:
            A list of (B, C, H / stride, W / stride), rounded up, in the order of `out_indices`.

        Raises:
            UserError: if H or W is no multiple of a plain vision transformer's patch.
        """
        height, width = map_size(image)
        if height % self.multiple_of or width % self.multiple_of:
            raise UserError(
                f"TimmBackbone got an image of {height}x{width}; both sides must be multiples of {self.multiple_of}: "
                f"use dict(type='Resize', ..., multiple_of={self.multiple_of}) and a crop of such a size"
            )
        maps = self.model(image)
        return [map_.permute(0, 3, 1, 2) if self.channels_last else map_ for map_ in maps]
