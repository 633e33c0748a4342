"""The forward pass of Depth Anything V2 Small against Hugging Face's: python benchmarks/inference.py

Batch 1 at 518x518. Each variant has a process of its own; they take turns.
"""

import torch
from peers import MODELS, compare, parser, serve


def step_of(model_name: str, dtype: str, batch: int, size: int):
    """A function that predicts once."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    model = MODELS[model_name]().to(device).eval()
    image = torch.randn(batch, 3, size, size, device=device)

    @torch.inference_mode()
    def step() -> None:
        with torch.autocast(device, torch.bfloat16, enabled=dtype == "bf16"):
            model(image)

    return step


if __name__ == "__main__":
    args = parser(__doc__.splitlines()[0], steps=20, batch=1).parse_args()
    if args.one:
        serve(step_of(args.model, args.dtype, args.batch, args.size))
    else:
        compare(__file__, args)
