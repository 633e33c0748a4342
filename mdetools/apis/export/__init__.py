"""A trained model as a graph that other programs run, with a description of all that they need to know."""

from mdetools.apis.export.exporting import FORMATS, ExportOptions, check_options, export_model

__all__ = ["FORMATS", "ExportOptions", "check_options", "export_model"]
