"""Draws several models on the same images, with the truth and their errors, in one range: docs/pictures.md.

    python tools/compare.py photos/*.jpg --models mdetools-tiny own.safetensors --out compared.png
    python tools/compare.py a.png b.png --models dav2/vits_nyu:best.pth mdetools-tiny --truth a_depth.png b_depth.png \
        --protocol nyu --out compared/

The images may also stand behind the models.
"""

import argparse

from mdetools.engine.process.cli import add_overwrite_argument, add_weights_argument, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("images", nargs="*", metavar="IMAGES", help="images, folders, lists (.txt, .csv) or quoted patterns")
    add("--models", nargs="+", required=True, metavar="CONFIG:CKPT", help="or a published model, by its name or file")
    add("--labels", nargs="+", metavar="NAME", help="what the models are called (default: by their configs)")
    add("--truth", nargs="+", default=[], metavar="DEPTH", help="a depth file per image, or a folder of them")
    add("--depth-scale", type=float, metavar="N", help="of --truth to a metre (default: 1000 of integers, 1 of floats)")
    add("--depth-key", metavar="KEY", help="name of the array in files of --truth that hold several")
    add(
        "--protocol",
        default="nyu",
        metavar="P",
        help="which pixels count and how maps are aligned, e.g. kitti_garg_80; relative maps are fitted by "
        "lstsq_disparity where it aligns nothing (default: nyu)",
    )
    add("--vmin", type=float, metavar="METRES", help="of the first colour (default: 1st percentile)")
    add("--vmax", type=float, metavar="METRES", help="of the last colour (default: 99th percentile)")
    add("--focal-length", type=float, metavar="PIXELS", help="of every image, for models of disparity")
    add("--baseline", type=float, metavar="METRES", help="likewise")
    add("--device", help="cpu, cuda, cuda:1 ... (default: the GPU if there is one)")
    add("--out", default="compare.png", metavar="O", help="one sheet, or a folder of pictures (default: compare.png)")
    add_overwrite_argument(parser)
    add("--debug", action="store_true", help="show the traceback of a user's mistake too")
    add_weights_argument(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Compares."""
    from mdetools.apis.evaluation.naming import candidates_of
    from mdetools.apis.pictures import (
        check_output,
        compare_models,
        comparison_from,
        photos_with_truth,
        scores_text,
        split_words,
        write_panels,
    )
    from mdetools.engine.process.preflight import check_device

    check_output(args.out, args.overwrite)
    if args.device is not None:
        check_device(args.device)
    comparison = comparison_from(vars(args))
    models, images = split_words(args.models, args.images)
    candidates = candidates_of(models, args.labels)
    photos = photos_with_truth(images, args.truth)
    camera = {name: vars(args)[name] for name in ("focal_length", "baseline") if vars(args)[name] is not None}
    panels = compare_models(candidates, photos, comparison, args.device, camera, args.weights_as_is)
    for line in write_panels(args.out, panels, comparison.footnote, args.overwrite):
        print(line)
    if comparison.scores:
        print(scores_text(comparison.scores, comparison.used))


if __name__ == "__main__":
    run_cli(main, parse_args())
