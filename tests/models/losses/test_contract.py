import pytest
import torch

from mdetools.errors import UserError
from mdetools.models.losses.contract import inverse_depth_target, predicted, wanted


def test_a_wrong_quantity_names_the_loss_that_fits():
    with pytest.raises(UserError) as error:
        predicted({"inverse_depth": torch.ones(1), "features": []}, "depth", "SiLogLoss")
    assert str(error.value) == "SiLogLoss needs a metric `depth`; the head gave inverse_depth: use AffineInvariantLoss"
    with pytest.raises(UserError, match=r"needs a predicted `inverse_depth`; the head gave depth: use SiLogLoss"):
        predicted({"depth": torch.ones(1)}, "inverse_depth", "AffineInvariantLoss")
    with pytest.raises(UserError, match=r"gave only \['features'\]"):
        predicted({"features": []}, "depth", "SiLogLoss")


def test_a_missing_target_names_what_the_dataset_gave():
    with pytest.raises(UserError, match=r"SiLogLoss needs targets with `depth`; the dataset gave \['image'\]"):
        wanted({"image": torch.ones(1)}, "depth", "SiLogLoss")
    with pytest.raises(UserError, match="AffineInvariantLoss needs targets with `depth`"):
        inverse_depth_target({"image": torch.ones(1)}, "AffineInvariantLoss")


def test_inverse_depth_is_taken_before_it_is_computed():
    depth, pseudo = torch.tensor([2.0, 0.0]), torch.tensor([7.0, 8.0])
    assert inverse_depth_target({"depth": depth, "inverse_depth": pseudo}, "L").tolist() == [7.0, 8.0]
    assert inverse_depth_target({"depth": depth}, "L").tolist() == pytest.approx([0.5, 1e6])
