"""The card of a converted model."""

from collections.abc import Sequence
from pathlib import Path

from mdetools.apis.conversion.differences import Difference
from mdetools.apis.conversion.source import Source
from mdetools.apis.model_card import Card, parameters_of
from mdetools.models.heads.outputs import SigmoidDepth

__all__ = ["converted_card"]

SPDX = {"apache-2.0", "mit", "cc0-1.0", "cc-by-4.0", "cc-by-nc-4.0", "bsd-3-clause"}  # as the hub writes them


def converted_card(
    source: Source,
    to: str,
    out: Path,
    unused: Sequence[str],
    found: Sequence[Difference] | None,
    shared: float | None,
    picture: str,
) -> Card:
    """What a converted model is, and what its new program does differently.

    Args:
        source: the model.
        to: `official` or `huggingface`.
        out: where it was written.
        unused: names of weights that are zeros there.
        found: the differences; None if they were not measured.
        shared: see `mdetools.apis.conversion.Outcome.agreement`.
        picture: on which they were measured, in words.
    """
    theirs = to == "huggingface"
    return Card(
        out.name if theirs else out.stem,
        source.model.head.output.quantity,
        source.config,
        source.resize,
        parameters_of(source.state),
        source.licence,
        source.facts,
        _folder_commands(out) if theirs else _official_commands(source, out),
        _told(source, to, unused, found, shared, picture),
        _front_matter(source.licence) if theirs else {},
    )


def _front_matter(licence: str) -> dict[str, str]:
    matter = {"library_name": "transformers", "pipeline_tag": "depth-estimation"}
    return {"license": licence.lower(), **matter} if licence.lower() in SPDX else matter


def _told(
    source: Source,
    to: str,
    unused: Sequence[str],
    found: Sequence[Difference] | None,
    shared: float | None,
    picture: str,
) -> list[str]:
    program = "transformers" if to == "huggingface" else "Depth Anything's own code"
    lines = [f"- Weights that no forward pass uses are zeros: {', '.join(f'`{name}`' for name in unused)}."]
    if shared is not None:
        lines.append(
            f"- Fed the same tensor of 518x518, transformers' map differs by at most {shared:.1e} of its range."
        )
    if source.model.flip_test is not None:
        lines.append(f"- {program} does not average with the mirrored image's map, as `flip_test` has it in mdetools.")
    if found is None:
        lines.append(f"- How far {program} gives another map was not measured.")
    elif not found:
        lines.append(f"- {program} resizes pictures and resamples position embeddings as mdetools does.")
    else:
        lines.append(f"- Measured on {picture}, {program} against mdetools:")
        lines += [f"  - {one}." for one in found]
    return lines


def _folder_commands(out: Path) -> list[tuple[str, str]]:
    code = (
        "from transformers import pipeline\n\n"
        f'result = pipeline("depth-estimation", model="{out.name}")("photo.jpg")\n'
        'result["predicted_depth"]  # the numbers; result["depth"] is a picture of 8 bits'
    )
    return [("python", code), ("sh", f"python tools/convert_checkpoint.py {out.name} {out.name}.pth --to mdetools")]


def _official_commands(source: Source, out: Path) -> list[tuple[str, str]]:
    config, head = source.config, source.model.head
    arch, output = config["backbone"].get("arch", "vits"), head.output
    arguments = f"encoder={arch!r}, features={head.output_conv1.in_channels}"
    arguments += f", out_channels={[project.out_channels for project in head.projects]}"
    arguments += ", use_bn=True" if config["head"].get("use_bn") else ""
    load = f'model.load_state_dict(torch.load("{out.name}", weights_only=True))'
    if source.model.backbone.out_indices != source.model.backbone.usual_out_indices[arch]:
        code = f"# code of Depth Anything V1: these weights take the last four blocks\nmodel = DPT_DINOv2({arguments})"
        return [("python", f"{code}\n{load}")]
    metric = isinstance(output, SigmoidDepth)
    arguments += f", max_depth={output.max_depth:g}" if metric else ""
    code = f"# code of Depth Anything V2, {'its folder metric_depth' if metric else 'relative depth'}\n"
    code += f'model = DepthAnythingV2({arguments})\n{load}\nresult = model.eval().infer_image(cv2.imread("photo.jpg"))'
    return [("python", code)]
