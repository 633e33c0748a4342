"""The metrics of one forward pass: those of a data set's evaluator, under each protocol that is asked for."""

import re
from collections.abc import Sequence
from dataclasses import asdict, replace

from mdetools.engine.configs.components import find_component, takes
from mdetools.errors import UserError, one_line, suggest
from mdetools.evaluation import ALIGNMENTS, PROTOCOLS, Protocol, columns_of, get_protocol

__all__ = ["DEFAULT", "check_protocols", "metric_configs", "protocol_under"]

DEFAULT = "default"
Wanted = tuple[str | None, str]


def check_protocols(texts: Sequence[str], labels: Sequence[str]) -> list[Wanted]:
    """The data set's label, or None for all, and the name of each of `--protocols`.

    Args:
        texts: `default`, a key of `ALIGNMENTS`, a key of `PROTOCOLS`, or one of these after `LABEL=`.
        labels: of the data sets.

    Raises:
        UserError: if there is no such protocol or data set.
    """
    known = [DEFAULT, *ALIGNMENTS, *PROTOCOLS]
    wanted = []
    for text in texts:
        match = re.fullmatch(r"(?:([^=]+)=)?([^=]+)", text)
        label, name = match.groups() if match else (None, text)
        if label is not None and label not in labels:
            raise UserError(f"--protocols '{one_line(text, 100)}': no data set has that name; {suggest(label, labels)}")
        if name not in known:
            hint = suggest(name, known, f"expected {DEFAULT}, an alignment or a protocol: {', '.join(known)}")
            raise UserError(f"--protocols '{one_line(text, 100)}' is not known; {hint}")
        wanted.append((label, name))
    return wanted


def protocol_under(usual: Protocol, name: str) -> Protocol:
    """The protocol that a name means on a data set.

    >>> protocol_under(get_protocol("kitti_garg_80"), "lstsq_disparity").name
    'kitti_garg_80_lstsq_disparity'

    Args:
        usual: the data set's own.
        name: `default`; an alignment, which leaves the pixels that count as they are; or a protocol, taken as it is.
    """
    if name == DEFAULT or name == usual.alignment:
        return usual
    if name not in ALIGNMENTS:
        return get_protocol(name)
    aligned = replace(usual, name=f"{usual.name}_{name}", alignment=name)
    published = PROTOCOLS.get(aligned.name)
    same = published is not None and replace(published, silog=aligned.silog) == aligned
    return published if same else aligned


def metric_configs(
    metrics: Sequence[dict], label: str, wanted: Sequence[Wanted], measures: Sequence[str] | None = None
) -> list[dict]:
    """The configs of the metrics to compute on a data set, each of which writes nothing.

    One that takes a protocol is there once for each protocol that is asked for; others, such as one of ordinal pairs,
    once.

    Args:
        metrics: the configs of its evaluator's.
        label: of the data set.
        wanted: as `check_protocols` gives them.
        measures: keys of `MEASURES`, for those metrics that take them; None leaves the evaluator's.

    Raises:
        UserError: if there is no such measure.
    """
    if measures is not None:
        columns_of(measures)
    names = [name for of, name in wanted if of in (None, label)] or [DEFAULT]
    configs: list[dict] = []
    for metric in metrics:
        component = find_component(metric["type"])
        bare = {key: value for key, value in metric.items() if key not in ("out_file", "prefix")}
        if measures is not None and takes(component, "measures"):
            bare["measures"] = tuple(measures)
        if not takes(component, "protocol"):
            configs.append(bare)
            continue
        usual = get_protocol(bare.get("protocol", "nyu"))
        configs += [{**bare, "protocol": asdict(protocol_under(usual, name))} for name in names]
    return [config for index, config in enumerate(configs) if config not in configs[:index]]
