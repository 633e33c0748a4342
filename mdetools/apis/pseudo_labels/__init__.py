"""Labelling images with what a trained model predicts."""

from mdetools.apis.pseudo_labels.labelling import LabelOptions, Outcome, label_images
from mdetools.apis.pseudo_labels.teacher import image_pipeline

__all__ = ["LabelOptions", "Outcome", "image_pipeline", "label_images"]
