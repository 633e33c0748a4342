"""The measures by name, and those that a config or a command line gives arguments."""

from collections.abc import Callable, Mapping, Sequence
from inspect import signature

from mdetools.errors import UserError, one_line, suggest
from mdetools.evaluation.measures.boundaries import depth_pro_measure, moge_measure
from mdetools.evaluation.measures.errors import depth_errors_measure, depth_ranges
from mdetools.evaluation.measures.measure import Measure

__all__ = ["MEASURES", "MEASURE_FAMILIES", "columns_of", "get_measure"]

MEASURES: dict[str, Measure] = {
    measure.name: measure for measure in (depth_errors_measure, depth_pro_measure, moge_measure)
}
# Each makes a measure of its arguments.
MEASURE_FAMILIES: dict[str, Callable[..., Measure]] = {"depth_ranges": depth_ranges}


def get_measure(measure: str | Mapping | Measure) -> Measure:
    """The measure of a name, or of a family with its arguments.

    >>> list(get_measure("depth_ranges:0,2.5").columns)
    ['abs_rel_0_2.5', 'd1_0_2.5']
    >>> list(get_measure(dict(type="depth_ranges", edges=[0, 5], errors=["rmse"])).columns)
    ['rmse_0_5']

    Args:
        measure: a key of `MEASURES`; a key of `MEASURE_FAMILIES`, a colon and the numbers of its first argument; or a
            dict of such a key, its `type`, and the family's arguments.

    Raises:
        UserError: if there is no such measure, family or argument.
    """
    if isinstance(measure, Measure):
        return measure
    if isinstance(measure, str):
        name, colon, numbers = measure.partition(":")
        if not colon and name in MEASURES:
            return MEASURES[name]
        family = family_of(name)
        if not colon:
            raise UserError(f"the measure '{name}' needs numbers, as in '{name}:0,2,5,10'; add them")
        return family(numbers_of(numbers, measure))
    arguments = dict(measure)
    name = arguments.pop("type", None)
    family = family_of(name)
    known = signature(family).parameters
    for key in arguments:
        if key not in known:
            raise UserError(f"the measure '{name}' has no '{one_line(key, 80)}'; {suggest(key, known)}")
    for key, parameter in known.items():
        if parameter.default is parameter.empty and key not in arguments:
            raise UserError(f"the measure '{name}' needs '{key}', which is not there; add it")
    return family(**arguments)


def family_of(name: object) -> Callable[..., Measure]:
    """The family of this name.

    Raises:
        UserError: if there is none.
    """
    if isinstance(name, str) and name in MEASURE_FAMILIES:
        return MEASURE_FAMILIES[name]
    if isinstance(name, str) and name in MEASURES:
        raise UserError(f"the measure '{name}' takes no arguments, expected its name alone; leave them out")
    raise UserError(f"there is no measure '{one_line(name, 100)}'; {suggest(name, [*MEASURES, *MEASURE_FAMILIES])}")


def numbers_of(text: str, measure: str) -> list[float]:
    """The numbers of a text, separated by commas."""
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        found = one_line(measure, 100)
        raise UserError(f"the measure '{found}' has no numbers, expected them as in 0,2,5,10; fix them") from None


def columns_of(measures: Sequence[str | Mapping | Measure]) -> dict[str, bool]:
    """The columns of measures, in the order of `evaluate_image`'s rows, and whether a higher value is the better one.

    Args:
        measures: see `get_measure`.

    Raises:
        UserError: if there is no such measure, or two of them share a column.
    """
    columns: dict[str, bool] = {}
    for measure in map(get_measure, measures):
        shared = [name for name in measure.columns if name in columns]
        if shared:
            raise UserError(f"two measures give the column '{shared[0]}', expected one; name each measure once")
        columns |= measure.columns
    return columns
