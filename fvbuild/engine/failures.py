"""What went wrong while something was made, as an error that a user can be told."""

from __future__ import annotations

import errno

from fvbuild.errors import FilmBuildError, StoreError, TargetError

BUG = "this is a bug in what makes it; the rest of the film is not affected"

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})


def as_film_error(error: Exception) -> FilmBuildError:
    """The error itself, if it is meant for users; else one that says what it means for them."""
    if isinstance(error, FilmBuildError):
        return error
    if isinstance(error, OSError) and error.errno in _DISK:
        # A full or failing disk is nobody's bug; any other refusal is the maker's.
        return StoreError(
            f"the store cannot be written: {error.strerror or error}",
            place=str(error.filename) if error.filename else None,
            hint="make room (fvbuild gc), then build again; nothing made so far is lost",
        )
    found = TargetError(f"{type(error).__name__}: {error}", hint=BUG)
    found.__cause__ = error
    return found
