# TartanAir, up to 80 m, which leaves out the sky: `data_root` has the environments. There is no official split of its
# depth; two environments are held out.

_base_ = ["./nyu.py"]

train_dataloader = dict(
    dataset=dict(
        type="TartanAirDataset",
        data_root="data/tartanair",
        split=[
            "abandonedfactory",
            "abandonedfactory_night",
            "amusement",
            "carwelding",
            "endofworld",
            "gascola",
            "japanesealley",
            "neighborhood",
            "ocean",
            "office",
            "oldtown",
            "seasidetown",
            "seasonsforest",
            "seasonsforest_winter",
            "soulcity",
            "westerndesert",
        ],
        pipeline=dict(depth_range=dict(max_depth=80.0)),
    ),
)
val_dataloader = dict(dataset=dict(type="TartanAirDataset", data_root="data/tartanair", split=["hospital", "office2"]))
test_dataloader = val_dataloader

val_evaluator = dict(protocol=dict(_delete_=True, base="nyu", name="tartanair", max_depth=80.0, silog="kitti"))
test_evaluator = val_evaluator
