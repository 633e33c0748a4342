default_scope = "mdetools"

env_cfg = dict(cudnn_benchmark=True, mp_cfg=dict(mp_start_method="fork", opencv_num_threads=0))
randomness = dict(seed=42)
log_level = "INFO"
log_processor = dict(type="LogProcessor", window_size=10)

default_hooks = dict(
    sampler_seed=None,  # EpochTrainLoop tells the sampler its epoch
    logger=dict(type="LoggerHook", interval=10, ignore_last=False, log_metric_by_epoch=False),
    stats=dict(type="TrainingStatsHook"),
    nonfinite=dict(type="NonFiniteHook", max_in_a_row=10),
    progress=dict(type="ProgressHook"),
    checkpoint=dict(type="CheckpointHook", interval_epochs=1, interval_iters=500, max_keep=2, best="abs_rel"),
    pictures=dict(type="PanelHook", images=4),
    # Off until asked for, e.g. --cfg-options default_hooks.compile.type=CompileHook
    # ema=dict(type="EMAHook", ema_type="ExponentialMovingAverage", momentum=0.001),
    # compile=dict(type="CompileHook"),
    # channels_last=dict(type="ChannelsLastHook"),
)

visualizer = dict(
    type="Visualizer",
    vis_backends=[dict(type="LocalVisBackend"), dict(type="TensorboardVisBackend")],
)

load_from = None
resume = False
pretrained = dict(checkpoint=None, encoder_only=True)
