# Metric depth from the network of mdetools-tiny, whose weights come with mdetools: fine-tuning without a download.

_base_ = ["./tiny_network.py"]

model = dict(
    head=dict(output=dict(type="SigmoidDepth", max_depth=10.0)),
    losses=dict(silog=dict(type="SiLogLoss", lam=0.5)),
)
