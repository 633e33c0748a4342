"""One training step of Depth Anything V2 Small against Hugging Face's: python benchmarks/training_step.py

Forward, SiLog loss, backward, fused AdamW; batch 2 at 518x518. Each variant has a process of its own; they take turns.
"""

import torch
from peers import MAX_DEPTH, MODELS, compare, parser, serve

from mdetools.models.losses.silog import silog_loss


def step_of(model_name: str, dtype: str, batch: int, size: int):
    """A function that trains for one step on random data."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    model = MODELS[model_name]().to(device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-6, fused=True)
    image = torch.randn(batch, 3, size, size, device=device)
    target = torch.rand(batch, 1, size, size, device=device) * MAX_DEPTH
    valid_mask = target > 1e-3

    def step() -> None:
        with torch.autocast(device, torch.bfloat16, enabled=dtype == "bf16"):
            depth = model(image)
        silog_loss(depth.float(), target, valid_mask).backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


if __name__ == "__main__":
    args = parser(__doc__.splitlines()[0], steps=8, batch=2).parse_args()
    if args.one:
        serve(step_of(args.model, args.dtype, args.batch, args.size))
    else:
        compare(__file__, args)
