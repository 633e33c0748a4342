"""What tools/infer.py does: pictures and videos through a model, into files."""

from mdetools.apis.predicting.mistaken import check_pictures
from mdetools.apis.predicting.options import RunOptions, options_from
from mdetools.apis.predicting.planning import Plan, plan
from mdetools.apis.predicting.running import run

__all__ = ["Plan", "RunOptions", "check_pictures", "options_from", "plan", "run"]
