"""What a file says of the values in it."""

from mdetools.apis.inference.result import Result

__all__ = ["facts_of"]


def facts_of(result: Result) -> dict[str, str]:
    """Names and texts for a file's metadata: quantity, unit, and the camera if it is known, in pixels of the map."""
    facts = {"quantity": result.quantity, "unit": result.unit or "none, relative"}
    if result.intrinsics is not None:
        (fx, _, cx), (_, fy, cy), _ = result.intrinsics
        facts |= {name: f"{value:.9g}" for name, value in (("fx", fx), ("fy", fy), ("cx", cx), ("cy", cy))}
    return facts
