"""The plan of a street: its centre line, its widths, and how dense it is with what."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Course", "StreetPlan", "sample_plan"]


@dataclass(frozen=True)
class Course:
    """A street's centre line, the parabola y = curvature / 2 x^2; curvature in 1 / metres."""

    curvature: float

    def heading(self, x: float) -> float:
        """Direction of the street at x, radians."""
        return float(np.arctan(self.curvature * x))

    def point(self, x: float, offset: float) -> np.ndarray:
        """The point (3,) float32 at `offset` metres to the left of the centre line at x, on the ground."""
        yaw = self.heading(x)
        foot = (x - offset * np.sin(yaw), 0.5 * self.curvature * x * x + offset * np.cos(yaw), 0)
        return np.array(foot, np.float32)


@dataclass(frozen=True)
class StreetPlan:
    """Widths of a street, in metres, and how dense it is with what.

    Attributes:
        course: its centre line.
        half_width: of the road.
        pavement: width of the pavements; 0 for none.
        parking: width at each side of the road that is left to parked cars.
        setback: (least, most) distance of the houses from the pavement.
        gap: (least, most) distance between houses.
        storeys: (least, most).
        built: share of the plots that have a house.
        fenced: share of the plots that have a hedge, a wall or a fence in front.
        trees: mean distance between trees on each side.
        furniture: mean distance between lamps, signs and the like.
        parked: mean distance between parked cars.
        type: of the street: `town`, `suburb` or `country`.
    """

    course: Course
    half_width: float
    pavement: float
    parking: float
    setback: tuple[float, float]
    gap: tuple[float, float]
    storeys: tuple[int, int]
    built: float
    fenced: float
    trees: float
    furniture: float
    parked: float
    type: str

    @property
    def lane(self) -> float:
        """Distance of the middle of either lane from the centre line."""
        return (self.half_width - self.parking) / 2


def sample_plan(rng: np.random.Generator) -> StreetPlan:
    """Draws a street in a town, in a suburb, or in the country."""
    course = Course(0.0 if rng.uniform() < 0.45 else float(rng.uniform(-1, 1) / 350))
    kind = rng.uniform()
    if kind < 0.45:
        parking = float(rng.choice([0.0, 2.1]))
        half, pavement = rng.uniform(3.0, 6.5) + parking, rng.uniform(1.5, 5.0)
        return StreetPlan(
            course, half, pavement, parking, (0.0, 1.5), (0.0, 2.5), (2, 5), 0.93, 0.2, 30, 18, 11, "town"
        )
    if kind < 0.8:
        parking = float(rng.choice([0.0, 2.0]))
        half, pavement = rng.uniform(2.8, 4.5) + parking, rng.uniform(1.2, 2.5)
        return StreetPlan(
            course, half, pavement, parking, (1.5, 12.0), (3.0, 12.0), (1, 2), 0.85, 0.6, 16, 28, 17, "suburb"
        )
    half = rng.uniform(3.2, 4.5)
    return StreetPlan(course, half, 0.0, 0.0, (5.0, 20.0), (8.0, 30.0), (1, 2), 0.3, 0.15, 9, 30, 80, "country")
