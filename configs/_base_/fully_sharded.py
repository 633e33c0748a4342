# For a model that does not fit one GPU with its gradients and moments: the processes share them out (PyTorch's FSDP2).

model_wrapper_cfg = dict(type="FullyShardedModel", units=["backbone.vit.blocks", "head"])
