from mdetools_example_plugin import backbone, dataset, field, head, loss, measure, metric, step, transform

__all__ = ["backbone", "dataset", "field", "head", "loss", "measure", "metric", "step", "transform"]
