"""Draws a clip's next frames while the encoder has one, where a processor has nothing else to do.

Shots are made side by side, a thread each. After an edit there may be one shot alone, and then its
drawing and its encoding take turns on one processor while the others idle.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from fvbuild.targets.processors import processors

T = TypeVar("T")

_MOST_AHEAD = 4
_guard = threading.Lock()
_clips_in_work = 0


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """The same items in the same order; drawn by one thread at a time, which may be another.

    An item that was handed out must stay as it is while later ones are drawn.
    """
    global _clips_in_work
    waiting: deque[Future[list[T]]] = deque()
    with _guard:
        _clips_in_work += 1
    try:
        with ThreadPoolExecutor(1, "drawing") as other:
            try:
                while True:
                    while len(waiting) < _MOST_AHEAD and _is_spare():
                        waiting.append(other.submit(_next, items))
                    found = waiting.popleft().result() if waiting else _next(items)
                    if not found:
                        return
                    yield found[0]
            finally:
                for future in waiting:
                    future.cancel()
    finally:
        with _guard:
            _clips_in_work -= 1


def _next(items: Iterator[T]) -> list[T]:
    """The next item; nothing at the end."""
    return list(islice(items, 1))


def _is_spare() -> bool:
    """Whether there are more processors than clips in work."""
    return _clips_in_work < processors()
