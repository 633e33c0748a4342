"""What is trained on and tested on."""

import numpy as np

from mdetools.datasets.doctor.counts import part_of
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.measures.fingerprint import BITS
from mdetools.datasets.doctor.split import Split

__all__ = ["check"]

NEARLY = 36  # bits of 256 in which neighbours of a video differ; different views differ in 60 and more
SHARE = 0.2  # of the frames may nearly be in the training set: a video that was cut in two, a place seen again
EQUAL, ALIKE = 10, 0.9985  # bits, and correlation of thumbnails, of an image and its re-encoded copy
COPIED, DEALT = "take them out of one of the two", "split by scene or by video, not by frame"
BLOCK = 2048  # hashes compared at once


def check(split: Split) -> list[Finding]:
    """A line for images that are in the training set, and one if many nearly are."""
    if split.train is None:
        return []
    trained = {record["image_sum"]: record for record in split.train.having("image_sum") if record["contrast"] > 0}
    same = [record for record in split.having("image_sum") if record["image_sum"] in trained]
    findings = []
    if same:
        first = same[0]
        line = (
            f"{part_of(same, split.readable, 'images are')} in {split.train.name} too (e.g. {first['id']}, there "
            f"{trained[first['image_sum']]['id']}), so that a score tells nothing; take them out of one of the two"
        )
        findings.append(Finding("leakage", "warning", line, [record["id"] for record in same]))
    return findings + nearly(split, {id(record) for record in same})


def nearly(split: Split, known: set[int]) -> list[Finding]:
    """A line if many images differ little from one of the training set."""
    here = [record for record in split.having("hash") if id(record) not in known]
    there = split.train.having("hash")
    if not here or not there:
        return []
    distance, nearest = nearest_hashes(*(np.stack([record["hash"] for record in part]) for part in (here, there)))
    near = np.flatnonzero(distance <= NEARLY)
    copies = [i for i in near if distance[i] <= EQUAL and likeness(here[i], there[nearest[i]]) >= ALIKE]
    if len(near) < SHARE * len(here):
        near = np.array(copies, int)
    if not len(near):
        return []
    near = near[np.argsort(distance[near], kind="stable")]
    first = near[0]
    what, cure = ("re-encoded copies", COPIED) if len(copies) == len(near) else ("neighbours of one video", DEALT)
    line = (
        f"{part_of(near, here, 'images are')} nearly in {split.train.name} (e.g. {here[first]['id']}, like "
        f"{there[nearest[first]]['id']}), as {what} are; {cure}"
    )
    return [Finding("near_leakage", "warning", line, [here[i]["id"] for i in near])]


def likeness(one: dict, other: dict) -> float:
    """The correlation of the thumbnails of two images."""
    return float(np.corrcoef(one["thumbnail"].ravel(), other["thumbnail"].ravel())[0, 1])


def nearest_hashes(here: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each of the hashes (N, 32) uint8 the bits in which the nearest of (M, 32) differs, and which one it is."""
    signs = [np.unpackbits(part, axis=1).astype(np.float32) * 2 - 1 for part in (here, there)]
    rows = []
    for start in range(0, len(here), BLOCK):
        rows.append(nearest_of(signs[0][start : start + BLOCK], signs[1]))
    distance, nearest = (np.concatenate(part) for part in zip(*rows, strict=True))
    return distance, nearest


def nearest_of(some: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`nearest_hashes` of a block, by products of signs (n, 256) and (M, 256)."""
    best, nearest = np.full(len(some), BITS + 1.0), np.zeros(len(some), int)
    for start in range(0, len(there), BLOCK):
        differing = (BITS - some @ there[start : start + BLOCK].T) / 2
        at = differing.argmin(1)
        lowest = differing[np.arange(len(some)), at]
        better = lowest < best
        best[better], nearest[better] = lowest[better], start + at[better]
    return best, nearest
