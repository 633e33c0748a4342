"""Shades what rays hit in a scene."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.camera import Rays
from mdetools.synthetic.raycast.casting import cast, dot
from mdetools.synthetic.raycast.primitives import Plane
from mdetools.synthetic.raycast.scene import Part, Scene

__all__ = ["Hits", "render", "shade"]

SHADOW_SLACK = np.float32(2e-3)  # share of the way to the light, so that a surface does not shade itself
LIGHT_SOFTENING = 0.25  # squared metres added to the squared distance: no lamp is a point


@dataclass(frozen=True, eq=False)
class Hits:
    """What N rays met.

    Attributes:
        t: (N,) float32, ray parameter; for a `Camera`'s rays the depth along the optical axis. inf for a miss.
        part: (N,) int16, index into the scene's parts, -1 for a miss.
        normal: (3, N) float32, unit, towards the ray's origin; 0 for a miss.
        color: (3, N) float32, linear RGB.
    """

    t: np.ndarray
    part: np.ndarray
    normal: np.ndarray
    color: np.ndarray


def render(scene: Scene, rays: Rays) -> Hits:
    """Casts the rays and shades what they hit.

    The rays are arbitrary: a pinhole's grid, some pixels of it, or the sweep of a LiDAR.
    """
    return shade(scene, rays, *cast([part.shape for part in scene.parts], rays))


def shade(scene: Scene, rays: Rays, t: np.ndarray, nearest: np.ndarray) -> Hits:
    """Colours what `cast` found: Lambert's law, point lights and a sun with hard shadows, ambient light, haze.

    Args:
        scene: whose parts were cast against.
        rays: N rays.
        t: (N,) float32, ray parameter of the hits.
        nearest: (N,) int16, index into the scene's parts, -1 for a miss.
    """
    hit = nearest >= 0
    length = np.sqrt(dot(rays.direction, rays.direction))
    reach = np.where(hit, t, 0)
    points, reach = rays.at(reach), reach * length
    albedo, normal = np.zeros_like(points), np.zeros_like(points)
    emission = np.zeros_like(t)
    for part, index in _by_part(scene.parts, nearest):
        outward, uv = part.shape.surface(np.take(points, index, axis=1))
        towards = np.take(rays.direction, index, axis=1)
        cosine = dot(outward, towards) / length[index]
        normal[:, index] = outward * -np.sign(cosine)
        width = rays.pixel_angle * reach[index]
        albedo[:, index] = part.texture(
            uv, scene.footprint(part.shape, towards / length[index], outward, cosine, width)
        )
        emission[index] = part.emission
    color = albedo * (_irradiance(scene, points, normal) + emission)
    if scene.daylight is not None:
        color = scene.daylight.through_haze(color, reach)
    sky = scene.sky(rays.direction[:, ~hit]) if callable(scene.sky) else np.asarray(scene.sky, np.float32)[:, None]
    color[:, ~hit] = sky
    return Hits(t, nearest, normal, color)


def _by_part(parts: Sequence[Part], nearest: np.ndarray) -> Iterator[tuple[Part, np.ndarray]]:
    """Each part that is seen, with the indices of its rays."""
    order = np.argsort(nearest, kind="stable")
    bounds = np.searchsorted(nearest[order], np.arange(len(parts) + 1))
    for part, start, stop in zip(parts, bounds[:-1], bounds[1:], strict=True):
        if stop > start:
            yield part, order[start:stop]


def _irradiance(scene: Scene, points: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Light (3, N) that arrives at the points."""
    total = np.asarray(scene.ambient, np.float32)[:, None] * _openness(scene.enclosure, points, normal)
    occluders = [part.shape for part in scene.parts if part.casts_shadow]
    if scene.daylight is not None:
        total += scene.daylight.irradiance(occluders, points, normal)
    for light in scene.lights:
        away = points - light.position[:, None].astype(np.float32)
        squared = dot(away, away)
        cosine = -dot(away, normal) / np.sqrt(squared)
        lit = np.flatnonzero(cosine > 0)
        # Rays from the lamp to the surface, not back: they share their origin, which makes the bounds cheap.
        shadow_rays = Rays(light.position[:, None].astype(np.float32), np.take(away, lit, axis=1), 0.0)
        _, occluder = cast(occluders, shadow_rays, 1 - SHADOW_SLACK)
        lit = lit[occluder < 0]
        gain = np.zeros_like(squared)
        gain[lit] = cosine[lit] / (squared[lit] + LIGHT_SOFTENING)
        total += light.color[:, None].astype(np.float32) * gain
    return total


def _openness(enclosure: Sequence[Plane], points: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Share (N,) of the ambient light that corners leave: less where a surface faces a plane close by."""
    share = np.ones(points.shape[1], np.float32)
    for plane in enclosure:
        away = np.abs(dot(plane.normal, points) - np.dot(plane.normal, plane.position))
        facing = 1 - dot(plane.normal, normal)
        share *= 1 - np.float32(0.22) * facing * np.exp(away * np.float32(-1 / 0.35))
    return share
