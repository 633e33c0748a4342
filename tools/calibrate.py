"""Fits a trained model's depth to your camera on a few labelled frames: docs/calibration.md.

    python tools/calibrate.py configs/dav2/vits_relative.py best.pth --data-root data/mine --out calibrated.pth
    python tools/test.py calibrated.py calibrated.pth --data-root data/mine

F.pth and F.py, a config that inherits from CONFIG, are written if that helps on frames that it was not fitted on.
Exit code 0 if they were, 1 if not, with the reason, 2 for a mistake in the call.
"""

import argparse

from mdetools.engine.process.cli import add_config_arguments, add_weights_argument, run_cli


def number_of_frames(text: str) -> int | None:
    """A whole number above 0, or None for `all`."""
    if text == "all":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, or all, got '{text}'")
    return int(text)


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_config_arguments(parser)
    parser.add_argument("checkpoint", metavar="CKPT", help="weights of any known format, for the whole model")
    parser.add_argument("--out", required=True, metavar="F.pth", help="checkpoint to write, with F.py beside it")
    parser.add_argument(
        "--split", choices=["val", "train", "test"], default="val", help="data set of the config (default: val)"
    )
    parser.add_argument(
        "--frames",
        type=number_of_frames,
        default=20,
        metavar="N",
        help="how many, spread over the data set, or all (default: 20)",
    )
    parser.add_argument("--protocol", metavar="P", help="evaluation protocol (default: the config's, not aligned)")
    parser.add_argument("--json", metavar="F", help="also write the result as JSON, of a refusal too")
    parser.add_argument("--device", help="cpu, cuda, cuda:1 ... (default: the GPU if there is one)")
    add_weights_argument(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> int:
    """Calibrates, and returns the exit code."""
    import json
    import shlex
    from pathlib import Path

    from mdetools.apis.calibration import (
        calibrate_checkpoint,
        calibrated_config,
        check_places,
        describe,
        facts,
        write_calibrated,
    )
    from mdetools.engine.configs.finding import config_path
    from mdetools.engine.configs.loading import load_config
    from mdetools.engine.process.preflight import check_device, check_output_file
    from mdetools.files import write_text

    out, options = Path(args.out), dict(args.cfg_options)
    source = config_path(args.config) or args.config
    cfg = load_config(source, options, args.data_root)
    check_places(out, source, args.checkpoint)
    if args.json:
        check_output_file(args.json, "--json")
    if args.device is not None:
        check_device(args.device)
    if args.weights_as_is:
        cfg.weights_as_is = True
    model, output, outcome = calibrate_checkpoint(
        cfg, args.checkpoint, args.split, args.frames, args.protocol, args.device
    )
    told = describe(outcome)
    print(told, flush=True)
    if args.json:
        write_text(args.json, json.dumps(facts(outcome), indent=1, allow_nan=False) + "\n")
    if outcome.refusal:
        print(f"refused, nothing is written: {outcome.refusal}")
        return 1
    written = calibrated_config(load_config(source, options), output, outcome.fit)
    config = write_calibrated(out, source, written, model, told)
    words = [str(config), str(out)]
    for name, folder in args.data_root or []:
        words += ["--data-root", f"{name}={folder}" if name else folder]
    print(f"{out} and {config}: use them together, e.g. python tools/test.py {shlex.join(words)}")
    print("(frames that it was fitted on score too well: test on others)")
    return 0


if __name__ == "__main__":
    run_cli(main, parse_args())
