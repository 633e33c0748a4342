"""Several models on several data sets under several protocols, side by side."""

from mdetools.apis.evaluation.cells import Cell
from mdetools.apis.evaluation.comparing import Comparison, compare
from mdetools.apis.evaluation.evaluating import Evaluation, Options, evaluate
from mdetools.apis.evaluation.evaluation_set import EvaluationSet, known_sets, load_sets
from mdetools.apis.evaluation.metrics import check_protocols
from mdetools.apis.evaluation.naming import Candidate, candidates_of
from mdetools.apis.evaluation.origin import Domain, Source, domain_of, trained_on
from mdetools.apis.evaluation.tables import markdown, plain_text
from mdetools.apis.evaluation.writing import write_evaluation

__all__ = [
    "Candidate",
    "Cell",
    "Comparison",
    "Domain",
    "Evaluation",
    "EvaluationSet",
    "Options",
    "Source",
    "candidates_of",
    "check_protocols",
    "compare",
    "domain_of",
    "evaluate",
    "known_sets",
    "load_sets",
    "markdown",
    "plain_text",
    "trained_on",
    "write_evaluation",
]
