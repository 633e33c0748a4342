# lr * (1 - t / T) ** 0.9: the schedule of Depth Anything V2's metric fine-tune.

_base_ = ["./cosine.py"]

param_scheduler = dict(lr=dict(_delete_=True, type="PolynomialLR", power=0.9, convert_to_iter_based=True))
