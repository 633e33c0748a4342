# The five synthetic sets of Depth Anything V2's teacher: BlendedMVS (115 thousand images), Hypersim (60), IRS (103),
# TartanAir (306) and Virtual KITTI 2 (20), without balancing. Sky is disparity 0 where a set tells it (Virtual KITTI 2,
# TartanAir); all of each set trains, but for what its own split holds out.

_base_ = ["./relative_labelled.py"]

_pipeline = _base_._pipeline

train_dataloader = dict(
    dataset=dict(
        datasets=dict(
            rooms=None,
            streets=None,
            blendedmvs=dict(
                type="BlendedMVSDataset", data_root="data/blendedmvs", split="BlendedMVS_training", pipeline=_pipeline
            ),
            hypersim=dict(
                type="HypersimDataset", data_root="data/hypersim", split="train", image="preview", pipeline=_pipeline
            ),
            irs=dict(type="IRSDataset", data_root="data/irs/IRSDataset", split="irs_train", pipeline=_pipeline),
            tartanair=dict(
                type="TartanAirDataset",
                data_root="data/tartanair",
                split=[
                    "abandonedfactory",
                    "abandonedfactory_night",
                    "amusement",
                    "carwelding",
                    "endofworld",
                    "gascola",
                    "hospital",
                    "japanesealley",
                    "neighborhood",
                    "ocean",
                    "office",
                    "office2",
                    "oldtown",
                    "seasidetown",
                    "seasonsforest",
                    "seasonsforest_winter",
                    "soulcity",
                    "westerndesert",
                ],
                pipeline=_pipeline,
            ),
            vkitti2=dict(type="VKITTI2Dataset", data_root="data/vkitti2", split="all", pipeline=_pipeline),
        ),
    ),
)
