"""mdetools: a plugin-based research toolbox for monocular depth estimation."""

__version__ = "0.2.0.dev0"
