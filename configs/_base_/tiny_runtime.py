# Fine-tuning of mdetools-tiny, whose weights come with mdetools: the last layers of its head, whose numbers mean
# relative inverse depth, start at random.

_base_ = ["./default_runtime.py"]

pretrained = dict(checkpoint="mdetools-tiny", encoder_only=False, leave_out=["head.output"])
default_hooks = dict(channels_last=dict(type="ChannelsLastHook"))
