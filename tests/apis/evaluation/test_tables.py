"""What the tables of an evaluation say where there is little to say."""

import numpy as np
import pytest

from mdetools.apis.evaluation.cells import Cell
from mdetools.apis.evaluation.comparing import compare
from mdetools.apis.evaluation.origin import Domain
from mdetools.apis.evaluation.tables import pairs_table, shown_columns
from mdetools.evaluation import Rows, get_protocol


def cell(model, values, counts):
    rows = Rows(["a", "b"], ["abs_rel"], np.array([[value] for value in values]), np.array(counts))
    directions, means = {"abs_rel": False}, {"abs_rel": 0.5}
    return Cell(
        model, "set", Domain("unknown", ""), "metric", "DepthMetric", get_protocol("nyu"), directions, means, rows
    )


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([9, 9], ("2", "-0.1500", "[-0.2000, -0.1000]", "first")),
        ([9, 0], ("1", "-0.1000", "", "not told apart")),  # one image has no interval
        ([0, 0], ("0", "", "", "not told apart")),
    ],
)
def test_a_difference_of_too_few_images_shows_no_nan(counts, shown):
    first, second = cell("first", [0.1, 0.3], counts), cell("second", [0.2, 0.5], counts)
    (row,) = pairs_table(list(compare(second, [first])))
    assert tuple(row[name] for name in ("images", "first - second", "95 % interval", "better")) == shown


def test_a_metric_without_the_columns_that_were_asked_for_shows_its_own():
    """--columns abs_rel is about depth, and leaves the table of ordinal pairs its figures."""
    ordinal = Cell(
        "a", "da2k", Domain("unknown"), "relative", "OrdinalMetric", None, {"ordinal": True}, {"ordinal": 1.0}
    )
    depth = cell("a", [0.1, 0.3], [9, 9])
    assert shown_columns(ordinal, ["abs_rel"]) == ["ordinal"]
    assert shown_columns(depth, ["ordinal"]) == ["abs_rel"]
    assert shown_columns(ordinal, ["ordinal", "abs_rel"]) == ["ordinal"]
