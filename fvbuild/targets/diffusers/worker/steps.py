"""Steps of denoising: told to the build, and the place where a run can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self


class Cancelled(Exception):
    """The build asked to stop; nothing of the take is kept."""


class Steps:
    """Stands in for a pipeline's progress bar. All families drive one, unlike their callbacks."""

    def __init__(
        self, say: Callable[[dict[str, Any]], None], cancel: threading.Event, expected: int
    ) -> None:
        self._say = say
        self._cancel = cancel
        self._expected = max(1, expected)
        self._done = 0
        self._began_s = time.perf_counter()

    def __call__(self, iterable: Iterable[Any] | None = None, total: int | None = None) -> Any:
        """As ``pipe.progress_bar``: a context over ``total`` steps, or an iterator that counts."""
        if iterable is not None:
            return self._over(iterable)
        if total:
            self._expected = max(self._expected, total)
        return self

    def _over(self, iterable: Iterable[Any]) -> Iterator[Any]:
        for each in iterable:
            yield each
            self.update()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        return None

    def update(self, count: int = 1) -> None:
        """Some steps are done. Raises Cancelled when the build is being stopped."""
        if self._cancel.is_set():
            raise Cancelled
        self._done += count
        done = min(1.0, self._done / self._expected)
        self._say({"progress": done, "note": f"step {self._done} of {self._expected}"})

    def set_postfix(self, *_args: object, **_named: object) -> None:
        """Some pipelines decorate their bar; nothing to do."""

    def close(self) -> None:
        """Some pipelines close their bar; nothing to do."""

    def seconds_each(self) -> float:
        """Seconds a step took, loading left out, decoding included."""
        return round((time.perf_counter() - self._began_s) / max(1, self._done), 4)
