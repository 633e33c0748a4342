# Depth Anything's network with classes in place of depth; 19 of them unless a config says another number.

_base_ = ["./dav2_vits.py"]

model = dict(
    head=dict(num_outputs=19, output=dict(_delete_=True, type="Logits")),
    losses=dict(silog=None, classes=dict(type="CrossEntropyLoss")),
)
