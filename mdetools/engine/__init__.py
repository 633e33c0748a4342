"""Running things: the Runner, its loop, checkpoints, configs, optimisation, samplers and hooks.

What of MMEngine 0.10.7 is replaced or worked around, where, why, and when that can go:

of MMEngine                         by what
----------------------------------  ----------------------------------------------------
Runner.resume, save_checkpoint      checkpoints/
    why: it cannot read its own checkpoints back with torch >= 2.6 (`weights_only`); leaves out the hooks' states;
         may leave half a file
    goes when MMEngine writes plain data, atomically, with the state of every hook by name
Runner.load_checkpoint              runner.py
    why: it reads its own format alone, and passes over what does not fit
    goes when MMEngine takes a reader of other formats, and can be strict
Runner.load_or_resume               runner.py
    why: `resume` takes `load_from` for its file, so that a run cannot have both; ranks may begin at different
         iterations
    goes when MMEngine tells "auto" from a named file, and compares the ranks
EpochBasedTrainLoop                 loops.py
    why: it resumes at the start of an epoch; a step's randomness depends on the past; each rank validates its own
         buffers
    goes when MMEngine can begin within an epoch, and seeds each step
DefaultSampler                      samplers/
    why: it cannot begin within an epoch; a sample's augmentation follows from the worker that loads it
    goes when MMEngine has `set_epoch(epoch, start)` and hands the seed on
DistSamplerSeedHook                 default_runtime.py, sampler_seed=None
    why: it tells the sampler its epoch without a start
    goes when MMEngine passes a start on
CheckpointHook                      hooks/checkpoint_hook.py
    why: it writes between two gradients of one step too; guesses the direction of "best" from the metric's name
    goes when MMEngine asks the optimiser and the metric
OptimWrapper                        optim/wrapper.py, optim/step_guard.py
    why: it takes a step whose loss or gradient is not finite
    goes when MMEngine asks before it steps, in all processes at once
EMAHook                             hooks/ema_hook.py
    why: it averages after an iteration without a step too
    goes when MMEngine says whether a step was taken
AmpOptimWrapper                     optim/amp.py
    why: it asserts a GPU
    goes when MMEngine runs it on CPUs
DefaultOptimWrapperConstructor      optim/param_groups.py
    why: it makes a group of every parameter, which slows fused optimisers and fills the log
    goes when MMEngine makes a group per setting
LinearLR, PolyLR                    optim/schedules.py
    why: a warm-up of one iteration never ends, and one of none fails; the rate of the last iteration is 0
    goes when MMEngine counts these lengths as said
Runner.build_param_scheduler        runner.py
    why: it takes the keys of a dict for names of optimisers, so that schedulers have no names
    goes when MMEngine lets one optimiser's schedulers have names
Runner.register_hooks               runner.py
    why: it takes None for its own six names alone, and forgets the names
    goes when MMEngine takes None for all, and keeps the names
init_dist                           process/distributed.py
    why: it fails in `cuda.set_device` on a machine without a GPU, whatever the launcher
    goes when MMEngine starts gloo there
Runner.wrap_model                   runner.py, wrappers/options.py
    why: it passes device ids, which torch refuses on CPUs; warns of an argument that it sets itself
    goes when MMEngine leaves them out there
Runner.build_dataloader             runner.py, process/loader_start.py
    why: workers outlive a killed run for seconds, die of a cluster's SIGTERM, and may drop a batch for ever
    goes when torch's loaders see to it
Runner.build_dataloader             configs/dataloaders.py
    why: it passes on what torch refuses (`persistent_workers` and `prefetch_factor` without workers, `drop_last`
         beside a `batch_sampler`) or warns of (`pin_memory` without a GPU)
    goes when MMEngine leaves it out
pseudo_collate                      collate_fn in configs/_base_/datasets
    why: it gives lists in place of batches
    goes when MMEngine collates by default
Runner.get_hooks_info, _log_env     runner.py
    why: they log a screenful each
    goes when MMEngine logs a line each
Runner.dump_config                  runner.py
    why: it writes a test's config over that of the training
    goes when MMEngine writes it for a training alone
LogProcessor                        log_processor.py
    why: its lines hold everything, the learning rates several times; `time` is that of training and of validation; a
         loss that is not finite spoils the mean of ten iterations
    goes when MMEngine lets a config say what stands on a line, and groups tags, rates too
LoggerHook                          hooks/logger_hook.py; default_runtime.py, log_metric_by_epoch=False
    why: it logs the experiment's name every epoch; it puts validation scalars on the epoch, or on step 0, while those
         of training stand on the iteration
    goes when MMEngine leaves the name out and has one axis
compile of the Runner               hooks/compile_hook.py
    why: it compiles the whole `train_step`, logging included
    goes when MMEngine compiles the model alone
keys that nothing reads             configs/checking.py
    why: they are passed over, or are a traceback late in the run
    goes when MMEngine checks a config before it builds
is_installed, get_installed_path    called nowhere
    why: they need pkg_resources, which setuptools has dropped
    goes when MMEngine uses importlib.metadata

What a base config sets lies in configs/_base_. Nothing is imported here, so that the tools answer `--help` at once.
"""
