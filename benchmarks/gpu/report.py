"""The figures of all parts as one Markdown text, beside the goals."""

from collections.abc import Iterable

__all__ = ["goals", "markdown"]

KEYS = {
    "library": "library", "arch": "model", "batch": "images", "precision": "precision", "compiled": "compiled",
    "channels_last": "channels last", "images_s": "images/s", "step_ms": "step ms", "peak_gb": "peak GB", "mfu": "MFU",
    "ratio": "x transformers",
}  # fmt: skip
MFU, TIMES = 0.35, 2.0


def find(rows: Iterable[dict], **setting) -> dict | None:
    """The first row of a setting."""
    return next((row for row in rows if all(row.get(key) == value for key, value in setting.items())), None)


def ratio(rows: list[dict], mine: dict, precision: str) -> float | None:
    """Images per second of a row, by those of transformers, not compiled, in some precision."""
    setting = {key: mine[key] for key in ("arch", "batch")}
    peer = find(rows, library="transformers", precision=precision, compiled=False, **setting)
    return mine["images_s"] / peer["images_s"] if peer else None


def goals(parts: dict[str, dict]) -> list[tuple[str, float | None, bool | None]]:
    """Each goal, its figure, and whether it was reached; None where nothing was measured."""
    train, infer = (parts.get(name, {}).get("rows", []) for name in ("train", "infer"))
    found = []

    def add(title: str, value: float | None, goal: float) -> None:
        found.append((f"{title}: at least {goal:g}", value, None if value is None else value >= goal))

    large = find(train, arch="vitl", precision="bf16", compiled=True, channels_last=False) or {}
    add("MFU of a ViT-L training step, bf16 and compiled", large.get("mfu"), MFU)
    for row in infer:
        if row.get("library") == "mdetools" and not row["compiled"] and row["precision"] in ("tf32", "bf16"):
            peer, goal = ("fp32", TIMES) if row["precision"] == "tf32" else ("bf16", 1.0)
            title = f"predictions/s, {row['arch']}, batch {row['batch']}, {row['precision']} by transformers' {peer}"
            add(title, ratio(infer, row, peer), goal)
    loader = (find(train, loader="alone") or {}).get("images_s")
    for arch in ("vits", "vitb", "vitl"):
        steps = [row["images_s"] for row in train if row.get("arch") == arch and "images_s" in row]
        add(f"loader's images/s by the fastest step's of {arch}", loader and steps and loader / max(steps) or None, 1.0)
    return found


def table(rows: list[dict], keys: dict[str, str]) -> list[str]:
    """A Markdown table of those keys that any row has."""
    used = [key for key in keys if any(key in row for row in rows)]
    lines = ["| " + " | ".join(keys[key] for key in used) + " |", "|---" * len(used) + "|"]
    return lines + ["| " + " | ".join(cell(key, row.get(key)) for key in used) + " |" for row in rows]


def cell(key: str, value) -> str:
    """A value as the table shows it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{100 * value:.1f} %" if key == "mfu" else f"{value:.2f}" if value < 100 else f"{value:.0f}"
    return str(value)


def section(name: str, part: dict) -> list[str]:
    """One part: its tables, its other rows as lines, and its failures."""
    rows = part.get("rows", [])
    steps = [row for row in rows if "step_ms" in row]
    if name == "infer":
        steps = [row | {"ratio": ratio(steps, row, row["precision"])} for row in steps]
    lines = [f"## {name}", "", f"{part.get('seconds', 0):.0f} s.", ""]
    lines += [*table(steps, KEYS), ""] if steps else []
    for row in rows:
        if "kernels" in row:
            columns = {"name": "kernel", "calls": "calls", "ms": "ms", "share": "share"}
            lines += [f"The costliest kernels of a step, {row['arch']}, {row['precision']}:", ""]
            lines += [*table(row["kernels"], columns), ""]
        elif "step_ms" not in row:
            shown = {key: value for key, value in row.items() if key != "table"}
            lines.append("- " + ", ".join(f"{key} {cell(key, value)}" for key, value in shown.items()))
            lines += ["", *(f"      {line}" for line in row["table"]), ""] if "table" in row else []
    for failure in part.get("failures", []):
        setting = ", ".join(f"{key} {cell(key, value)}" for key, value in failure.items() if key != "reason")
        lines.append(f"- failed: {setting}: {failure['reason']}")
    for setting in part.get("not_begun", []):
        lines.append("- not begun, the time was over: " + ", ".join(f"{k} {cell(k, v)}" for k, v in setting.items()))
    return [*lines, ""]


def markdown(results: dict) -> str:
    """The whole text.

    Args:
        results: `device`, `versions`, and in `parts` what each part wrote.
    """
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    lines = [f"# {results['device']}", "", versions + ".", "", "| goal | figure | reached |", "|---|---|---|"]
    for title, value, reached in goals(results["parts"]):
        answer = "not measured" if reached is None else "yes" if reached else "no"
        lines.append(f"| {title} | {cell('', value)} | {answer} |")
    lines += ["", "fp32 is torch's default, whose convolutions use TF32; tf32 has matrix products in TF32 too.", ""]
    for name, part in results["parts"].items():
        lines += section(name, part)
    return "\n".join(lines).rstrip() + "\n"
