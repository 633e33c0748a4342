"""Tiny trees in the official layouts of published data sets, and planes as cameras see them."""

import csv
import pickle

import cv2
import h5py
import numpy as np

from mdetools.engine.configs.loading import load_config
from mdetools.registry import DATASETS, METRICS
from support.paths import ROOT

__all__ = ["picture", "plane_depth", "samples_of_config", "write_hypersim", "write_hypersim_split", "write_image"]


def picture(height=24, width=32, seed=0):
    """A random image, uint8 (H, W, 3), RGB."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def plane_depth(rays, normal, offset):
    """Depth (H, W), where rays (H, W, 3) from the centre, with z = 1, meet the plane `normal . X = offset`."""
    return offset / (rays @ np.asarray(normal, float))


def write_image(path, image):
    """Writes an RGB image, or a 16-bit map, making its folder; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image[..., ::-1] if image.ndim == 3 else image)
    return path


def write_array(path, array):
    """Writes a file of Hypersim's, an array called `dataset`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file.create_dataset("dataset", data=array, compression="gzip")


def write_hypersim(root, distance, number=0, scene="ai_001_001", camera="cam_00", colour=None, entity=None):
    """Writes a frame of Hypersim: distances (H, W), a preview, and, if given, colours (H, W, 3) and entities (H, W)."""
    images, name = root / scene / "images", f"frame.{number:04d}"
    write_array(images / f"scene_{camera}_geometry_hdf5" / f"{name}.depth_meters.hdf5", distance)
    preview = images / f"scene_{camera}_final_preview" / f"{name}.tonemap.jpg"
    write_image(preview, np.full((*distance.shape[:2], 3), 128, np.uint8))
    if colour is not None:
        write_array(images / f"scene_{camera}_final_hdf5" / f"{name}.color.hdf5", colour)
        write_array(images / f"scene_{camera}_geometry_hdf5" / f"{name}.render_entity_id.hdf5", entity)


def write_hypersim_split(root, rows):
    """Writes the official table of splits, with rows (scene, camera, number, published, partition)."""
    names = "scene_name,camera_name,frame_id,included_in_public_release,exclude_reason,split_partition_name"
    with (root / "metadata_images_split_scene_v1.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names.split(","))
        writer.writerows([*row[:4], "", row[4]] for row in rows)


def samples_of_config(name, root):
    """The first sample of the train and of the val set that `_base_/datasets/<name>.py` describes, from `root`.

    The sets are sent to another process, as with workers that are spawned, and go through the config's own pipelines;
    its evaluator is built.
    """
    cfg = load_config(str(ROOT / "configs/_base_/datasets" / f"{name}.py"))
    METRICS.build(cfg.val_evaluator), METRICS.build(cfg.test_evaluator)
    loaders = cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader
    train, val, test = (DATASETS.build({**loader.dataset, "data_root": str(root)}) for loader in loaders)
    assert len(train) and len(val) and len(test)
    return tuple(pickle.loads(pickle.dumps(dataset))[0] for dataset in (train, val))
