# Depth Anything V2's: Adam, encoder 5e-6, decoder ten times that, linear decay to zero.

_base_ = ["./linear.py"]

optim_wrapper = dict(optimizer=dict(_delete_=True, type="Adam", lr=5e-6, fused=True))
train_cfg = dict(max_epochs=20)
