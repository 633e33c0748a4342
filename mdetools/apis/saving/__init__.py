"""Results as files that other programs read, one module for each format."""

from mdetools.apis.saving.formats import FORMATS, Format, check_saving, formats_of

__all__ = ["FORMATS", "Format", "check_saving", "formats_of"]
