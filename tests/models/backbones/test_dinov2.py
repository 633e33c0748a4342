import numpy as np
import pytest
import torch
from support.models import normal_image

from mdetools.errors import UserError
from mdetools.models.layers.attention import attention, fused_attention
from mdetools.registry import BACKBONES
from mdetools.testing import check_backbone

BLOCKS = (0, 1, 2, 3)  # the blocks after the last one are left out, which keeps these tests small


def dinov2(**kwargs):
    torch.manual_seed(0)
    return BACKBONES.build(dict(type="DINOv2", arch="vits", **{"out_indices": BLOCKS, **kwargs}))


@pytest.fixture(scope="module")
def plain():
    return dinov2().eval()


def test_offset_reaches_the_features(plain):
    with torch.no_grad():
        learned = plain.vit.pos_embed.clone()
        plain.vit.pos_embed.normal_(generator=torch.Generator().manual_seed(3))
        with_offset = plain(normal_image(140, 140))[0]
        plain.pos_embed_offset = None
        without = plain(normal_image(140, 140))[0]
        plain.pos_embed_offset = 0.1
        plain.vit.pos_embed.copy_(learned)
    assert (with_offset - without).abs().max() > 0.5  # features are of deviation 1 after the norm


def test_battery():
    check_backbone(dinov2(), (70, 98), tolerance=0)


def test_features_are_normed_maps_of_their_blocks(plain):
    """The maps lie as the image does: a block's tokens, normed, in rows of W / 14."""
    tokens = {}
    hooks = [
        block.register_forward_hook(lambda module, args, out, index=index: tokens.update({index: out}))
        for index, block in enumerate(plain.vit.blocks)
    ]
    with torch.no_grad():
        maps = plain(normal_image(28, 70))
    for hook in hooks:
        hook.remove()
    assert plain.channels == [384] * 4
    assert plain.strides == [14] * 4
    for index, map_ in enumerate(maps):
        token = tokens[index][0, 1 + 1 * 5 + 3].double()  # row 1, column 3 of 2x5, after the class token
        normed = (token - token.mean()) / (token.var(unbiased=False) + 1e-6).sqrt()
        assert map_.shape == (1, 384, 2, 5)
        torch.testing.assert_close(map_[0, :, 1, 3].double(), normed, rtol=0, atol=1e-5)


def test_out_indices_give_their_order(plain):
    swapped = dinov2(out_indices=(3, 1)).eval()
    swapped.load_state_dict(plain.state_dict())
    with torch.no_grad():
        late, early = swapped(normal_image(28, 42))
        maps = plain(normal_image(28, 42))
    assert torch.equal(late, maps[3])
    assert torch.equal(early, maps[1])
    assert not torch.equal(late, early)


@pytest.mark.parametrize(
    ("arch", "indices"),
    [("vits", (2, 5, 8, 11)), ("vitb", (2, 5, 8, 11)), ("vitl", (4, 11, 17, 23)), ("vitg", (9, 19, 29, 39))],
)
def test_default_blocks_are_those_of_depth_anything_v2(arch, indices):
    with torch.device("meta"):
        backbone = BACKBONES.build(dict(type="DINOv2", arch=arch))
    assert backbone.out_indices == indices
    assert len(backbone.vit.blocks) == indices[-1] + 1


@pytest.mark.parametrize(("settings", "function"), [({}, attention), ({"attention": "sdpa"}, fused_attention)])
def test_every_block_attends_as_it_is_told(settings, function):
    with torch.device("meta"):
        blocks = dinov2(**settings).vit.blocks
    assert [block.attn.attend for block in blocks] == [function] * 4


def test_drop_path_acts_in_training_alone(plain):
    dropping = dinov2(drop_path_rate=0.5)
    dropping.load_state_dict(plain.state_dict())
    x = normal_image(28, 28, count=4)
    torch.manual_seed(0)
    with torch.no_grad():
        assert torch.equal(dropping.eval()(x)[3], plain(x)[3])
        assert (dropping.train()(x)[3] - plain(x)[3]).abs().max() > 0.05
    rates = [getattr(block.drop_path2, "drop_prob", 0) for block in dropping.vit.blocks]
    np.testing.assert_allclose(rates, np.linspace(0, 0.5, 12)[:4], atol=1e-7)  # ViT-S has 12 blocks, 4 are left


def gradients(backbone, x):
    torch.manual_seed(2)  # the same paths are dropped
    backbone.zero_grad()
    maps = backbone(x)
    sum((map_ * torch.linspace(-1, 1, map_.numel()).view_as(map_)).mean() for map_ in maps).backward()
    return {name: parameter.grad for name, parameter in backbone.named_parameters()}


def test_checkpointing_recomputes_the_same_gradients():
    settings = dict(drop_path_rate=0.3)
    stored, recomputed = dinov2(**settings).train(), dinov2(grad_checkpointing=True, **settings).train()
    recomputed.load_state_dict(stored.state_dict())
    calls = {stored: 0, recomputed: 0}
    for model in calls:

        def count(*_, model=model):
            calls[model] += 1

        model.vit.blocks[1].register_forward_pre_hook(count)  # recomputing ends before a block's own end
    expected, found = (gradients(model, normal_image(42, 28, count=2)) for model in (stored, recomputed))
    assert (calls[stored], calls[recomputed]) == (1, 2)
    assert max(gradient.abs().max() for gradient in expected.values()) > 1e-3
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=0, atol=1e-6, msg=name)


def test_frozen_blocks_stay():
    backbone = dinov2(frozen_blocks=2).train()
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    optimizer = torch.optim.AdamW(backbone.parameters(), lr=1e-2, weight_decay=0.1)
    gradients(backbone, normal_image(28, 42))
    optimizer.step()
    changed = {name for name, value in backbone.state_dict().items() if not torch.equal(value, before[name])}
    expected = {name for name in before if name.startswith(("vit.blocks.2.", "vit.blocks.3.", "vit.norm."))}
    assert changed == expected
    assert {name for name, parameter in backbone.named_parameters() if parameter.grad is not None} == expected


@pytest.mark.parametrize("size", [(140, 150), (150, 140)])
def test_sides_that_patches_do_not_fill(plain, size):
    with pytest.raises(UserError, match=f"{size[0]}x{size[1]}; both sides must be multiples of 14"):
        plain(normal_image(*size))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (dict(arch="vit_small"), "no arch 'vit_small'; did you mean 'vits'"),
        (dict(attention="flash"), "attention is 'flash'; expected one of: auto, sdpa"),
        (dict(frozen_blocks=13), "frozen_blocks is 13, expected 0 to 12"),
        (dict(out_indices=(0, 1, 2, 3), frozen_blocks=5), "frozen_blocks is 5, expected 0 to 4"),
        (dict(frozen_blocks=-1), "frozen_blocks is -1, expected 0 to 12"),
        (dict(out_indices=(2, 5, 8, 12)), r"\(2, 5, 8, 12\) must be different numbers from 0 to 11"),
        (dict(out_indices=(2, 2, 8, 11)), "must be different numbers from 0 to 11"),
        (dict(out_indices=(-1,)), "must be different numbers from 0 to 11"),
    ],
)
def test_wrong_settings(settings, message):
    with torch.device("meta"), pytest.raises(UserError, match=message):
        BACKBONES.build(dict(type="DINOv2", **settings))
