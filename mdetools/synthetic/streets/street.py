"""Samples streets, and where the car with the cameras is in them.

World frame: x along the street where it begins, y to the left, z up, metres; the car drives on the right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.camera import Pose, upright_rotation
from mdetools.synthetic.raycast.footprints import anisotropic
from mdetools.synthetic.raycast.primitives import Plane, Sphere
from mdetools.synthetic.raycast.scene import Part, Scene
from mdetools.synthetic.raycast.solids import IDENTITY
from mdetools.synthetic.streets.layout import Thing, furnish
from mdetools.synthetic.streets.materials import StreetPalette
from mdetools.synthetic.streets.plan import StreetPlan, sample_plan
from mdetools.synthetic.streets.textures import Road
from mdetools.synthetic.streets.weather import sample_weather

__all__ = ["Street", "sample_street"]

NEAREST = 3.5  # metres in front of the camera within which nothing stands that can be left out
SMALLEST = 2e-3  # radians; what looks smaller is left out


@dataclass(frozen=True, eq=False)
class Street:
    """A street with all that is in it.

    Attributes:
        plan: its widths.
        backdrop: ground and hills.
        things: what stands or moves in it.
        empty: a scene with light and sky, and no part.
        poses: of the reference camera, frame by frame.
    """

    plan: StreetPlan
    backdrop: list[Part]
    things: list[Thing]
    empty: Scene
    poses: Sequence[Pose]

    def scene(self, frame: int) -> Scene:
        """What there is to see in a frame: not what lies behind the cameras, nor what would fill the picture."""
        pose, parts = self.poses[frame], list(self.backdrop)
        for thing in self.things:
            placed = thing.placed(self.plan.course, frame, pose.position)
            seen = [part for part in placed if _in_view(part, pose)]
            if not (thing.removable and any(_too_near(part, pose) for part in seen)):
                parts += seen
        return Scene(parts, (), np.zeros(3, np.float32), (), self.empty.sky, self.empty.daylight, self.empty.footprint)


def _in_view(part: Part, pose: Pose) -> bool:
    """Whether a part may be seen, or throw a shadow on what is seen."""
    away, radius = part.shape.position - pose.position, part.shape.bounding_radius
    return float(away @ pose.rotation[:, 2]) > -radius - 4 and radius > SMALLEST * float(np.linalg.norm(away))


def _too_near(part: Part, pose: Pose) -> bool:
    right, _, ahead = pose.rotation.T @ (part.shape.position - pose.position)
    radius = part.shape.bounding_radius
    return ahead - radius < NEAREST and abs(right) - radius < 0.9 * (ahead + radius)


def sample_street(rng: np.random.Generator, frames: int, plan: StreetPlan | None = None) -> Street:
    """Draws a street and a drive of so many frames along it. All its randomness comes from `rng`.

    Args:
        rng: source of all that is drawn.
        frames: of the drive.
        plan: the street's; None draws one.
    """
    plan, palette = plan or sample_plan(rng), StreetPalette(rng)
    daylight, sky = sample_weather(rng)
    empty = Scene([], (), np.zeros(3, np.float32), (), sky, daylight, anisotropic)
    return Street(plan, _backdrop(rng, palette, plan), furnish(rng, palette, plan), empty, _drive(rng, plan, frames))


def _backdrop(rng: np.random.Generator, palette: StreetPalette, plan: StreetPlan) -> list[Part]:
    """The ground with its road, and hills far away."""
    dash = (float(rng.uniform(5, 12)), float(rng.choice([0.0, 0.4, 0.5, 1.0])))
    crossing = float(rng.uniform(8, 40)) if plan.pavement and rng.uniform() < 0.25 else np.inf
    road = Road(
        plan.course.curvature,
        plan.half_width,
        palette.asphalt(),
        palette.verge(),
        dash,
        bool(rng.uniform() < 0.5),
        (0.62, 0.62, 0.58),
        crossing,
    )
    parts = [Part(Plane(IDENTITY, np.zeros(3, np.float32)), road, semantic=road.semantic)]
    for _ in range(int(rng.integers(0, 4))):
        radius, azimuth = rng.uniform(300, 900), rng.uniform(-0.9, 0.9)
        away = radius + rng.uniform(180, 600)
        centre = (away * np.cos(azimuth), away * np.sin(azimuth), rng.uniform(20, 70) - radius)
        shape = Sphere(IDENTITY, np.array(centre, np.float32), float(radius))
        parts.append(Part(shape, palette.hill(), low=True, semantic="vegetation"))
    return parts


def _drive(rng: np.random.Generator, plan: StreetPlan, frames: int) -> list[Pose]:
    """Poses of the reference camera on a car that keeps to its lane, and sways a little."""
    x, step = float(rng.uniform(0, 3)), float(rng.uniform(1.5, 4))
    height, pitch = rng.normal(1.65, 0.04), rng.normal(-0.005, 0.013)
    offset = -plan.lane + rng.normal(0, 0.3)
    poses = []
    for frame in range(frames):
        at = x + step * frame
        yaw = plan.course.heading(at + 4) + rng.normal(0, 0.04)
        rotation = upright_rotation(yaw, pitch + rng.normal(0, 0.006), rng.normal(0, 0.008))
        position = plan.course.point(at, offset + rng.normal(0, 0.08)) + np.array([0, 0, height], np.float32)
        poses.append(Pose(rotation, position.astype(np.float32)))
    return poses
