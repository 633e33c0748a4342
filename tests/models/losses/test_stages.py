import pytest
import torch
import torch.nn.functional as F

from mdetools.models.losses.stages import over_stages, stage_weights


def test_weights():
    assert stage_weights(5, 1.0) == [0.2] * 5
    assert stage_weights(5, 0.0) == [1.0]
    assert stage_weights(3, 0.5) == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert stage_weights(1, 0.5) == [1.0]


def test_each_stage_has_the_images_of_its_size():
    image = torch.rand(1, 3, 16, 32, generator=torch.Generator().manual_seed(0))
    pyramid = [torch.zeros(1, 1, 16, 32), torch.zeros(1, 1, 8, 16), torch.zeros(1, 1, 4, 8)]
    stages = list(over_stages(pyramid, 0.5, image, image.flip(3)))
    assert [weight for weight, *_ in stages] == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    for (_, values, left, right), factor in zip(stages, (1, 2, 4), strict=True):
        assert values.shape[-2:] == left.shape[-2:]
        torch.testing.assert_close(left, F.avg_pool2d(image, factor))
        torch.testing.assert_close(right, left.flip(3))
    assert len(list(over_stages(pyramid, 0.0, image))) == 1
