"""What a check found, before it is known how strictly the film wants to be told."""

from __future__ import annotations

from typing import NamedTuple

from fvbuild.film.place import Place


class Finding(NamedTuple):
    """A place, the stable code of the check, what is odd, and what to do."""

    place: Place
    code: str
    message: str
    hint: str
