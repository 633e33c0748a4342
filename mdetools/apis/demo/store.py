"""What was predicted, kept for a while: as much as fits into a given memory."""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from mdetools.apis.demo.videos import PredictedVideo
from mdetools.apis.inference.result import Result
from mdetools.errors import UserError

__all__ = ["Kept", "ResultStore"]


@dataclass(frozen=True, eq=False)
class Kept:
    """A result that a visitor looks at.

    Attributes:
        result: with its picture.
        name: of the visitor's file, without its ending.
        video: what became of the video whose first frame `result` is; None of a picture.
    """

    result: Result
    name: str
    video: PredictedVideo | None = None

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return self.result.map.nbytes + self.result.image.nbytes


class ResultStore:
    """Results by names that cannot be guessed; beyond the memory allowed, the one longest unused goes.

    Args:
        memory: bytes that maps and pictures may take, but for pinned ones; the newest result stays in any case.
    """

    def __init__(self, memory: int) -> None:
        self.memory, self.pinned = memory, {}
        self.entries: OrderedDict[str, Kept] = OrderedDict()
        self.lock = threading.Lock()

    def add(self, kept: Kept, pinned: bool = False) -> str:
        """Keeps a result; a pinned one, such as an example's, never goes and is not counted. Returns its name."""
        name = secrets.token_urlsafe(12)
        with self.lock:
            (self.pinned if pinned else self.entries)[name] = kept
            while len(self.entries) > 1 and sum(one.size for one in self.entries.values()) > self.memory:
                self.entries.popitem(last=False)
        return name

    def get(self, name: str) -> Kept:
        """The result of that name.

        Raises:
            UserError: if it is not kept any more.
        """
        with self.lock:
            if name in self.entries:
                self.entries.move_to_end(name)
            found = self.entries.get(name) or self.pinned.get(name)
        if found is None:
            raise UserError("this result is no longer kept, as others came after it; give the picture once more")
        return found
