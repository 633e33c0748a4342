"""Where the checkout is, and the real data that lies beside some checkouts."""

from pathlib import Path

__all__ = ["REAL_DATA", "ROOT"]

ROOT = Path(__file__).resolve().parents[2]
REAL_DATA = ROOT.parent / "shared" / "data"
