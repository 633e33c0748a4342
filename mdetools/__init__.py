"""mdetools: a plugin-based research toolbox for monocular depth estimation."""

__version__ = "0.1.0"
