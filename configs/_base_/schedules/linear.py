# Linear decay to zero, no warm-up: Depth Anything's relative training, V1 and V2.

_base_ = ["./poly.py"]

param_scheduler = dict(lr=dict(power=1.0))
