"""Takes out of quarantine: after a merge, what the lock on this branch names is brought out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fvbuild.engine.shared import QUARANTINES, Nobody
from fvbuild.engine.shared_promote import Promoter, Promotion, leftovers
from fvbuild.errors import UsageError
from fvbuild.project.media_facts import check_medium
from fvbuild.project.sharing import connected, store_of, store_to_write
from fvbuild.project.vouching import signer_here, trust_in

if TYPE_CHECKING:
    from fvbuild.engine.shared import Shared
    from fvbuild.project.opened import OpenFilm
    from fvbuild.project.store_section import StorePlace

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A quarantine, and what lies in it."""

    name: str
    objects: int
    size_bytes: int


def quarantines(film: OpenFilm) -> list[Waiting]:
    """What there is in quarantine. Raises UsageError and RemoteError."""
    shared, _ = _store(film)
    objects: dict[str, list[int]] = {}
    for found in shared.list(QUARANTINES):
        name = found.name.removeprefix(QUARANTINES).partition("/")[0]
        objects.setdefault(name, []).append(found.size_bytes)
    return [Waiting(name, len(sizes), sum(sizes)) for name, sizes in sorted(objects.items())]


def promote(film: OpenFilm, quarantine: str, told: Callable[[Promotion], None]) -> list[Promotion]:
    """Bring out what the film's lock names; ``told`` hears of each take.

    Raises UsageError where nobody would believe the one who does it, and RemoteError.
    """
    shared, place = _store(film)
    store_to_write(film, itself=True)
    trust, signer = trust_in(place.trust), signer_here()
    if place.trust is not None and isinstance(signer, Nobody):
        raise UsageError(
            "without a signing key what you promote counts for nobody",
            hint="fvbuild keys new, or set FVBUILD_SIGNING_KEY; fvbuild.yaml must name its signer",
        )
    promoter = Promoter(shared, quarantine, film.store, trust, signer, check_medium)
    lines = [line for line in film.lock.lines.values() if line.node in film.graph]
    done = []
    try:
        for promotion in promoter.promote(lines):
            done.append(promotion)
            told(promotion)
    finally:
        film.keep_artifacts()
    return done


def drop(film: OpenFilm, quarantine: str) -> Waiting:
    """Remove a quarantine with all that is left in it; what that was."""
    shared, _ = _store(film)
    store_to_write(film, itself=True)
    found = list(leftovers(shared, quarantine))
    for start in range(0, len(found), _AT_ONCE):
        shared.delete(each.name for each in found[start : start + _AT_ONCE])
    return Waiting(quarantine, len(found), sum(each.size_bytes for each in found))


def _store(film: OpenFilm) -> tuple[Shared, StorePlace]:
    """The store as it is, whatever this workspace writes to."""
    place = store_of(film)
    return connected(place, used=True), place
