# lr * (1 - t / T) ** 0.9: the schedule of Depth Anything V2's metric fine-tune.

_base_ = ["./cosine.py"]

param_scheduler = dict(
    _delete_=True,
    decay=dict(type="PolyLR", power=0.9, eta_min=0.0, begin=0, by_epoch=True, convert_to_iter_based=True),
)
