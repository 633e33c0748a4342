"""Folders as archives."""

import tarfile
import zipfile
from pathlib import Path

__all__ = ["pack"]


def pack(folder: Path, archive: Path) -> Path:
    """Packs a folder's files by the ending of the archive's name; returns its path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for path in files:
                file.write(path, path.relative_to(folder))
        return archive
    with tarfile.open(archive, "w") as file:
        for path in files:
            file.add(path, f"./{path.relative_to(folder)}")
    return archive
