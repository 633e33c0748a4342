# DA-2K, 2068 point pairs on 1033 images, to test on: `data_root` has `annotations.json` and `images`. It has no depth
# to train with: training and validation are NYU's.

_base_ = ["./nyu.py"]

test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type="DA2KDataset",
        data_root="data/DA-2K",
        pipeline=dict(
            resize=dict(type="Resize", size=518, multiple_of=14),
            pack=dict(type="PackSample"),
        ),
    ),
)
test_evaluator = dict(_delete_=True, type="OrdinalMetric")
