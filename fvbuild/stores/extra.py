"""What to install where a library of the extra ``shared`` is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fvbuild.errors import UsageError


@contextmanager
def needs_extra(purpose: str) -> Iterator[None]:
    """Turn a missing library into an error that says how to ``purpose``. Raises UsageError."""
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f"a library is missing to {purpose}: {error.name or error}",
            hint="pip install 'fvbuild[shared]'",
        ) from error
