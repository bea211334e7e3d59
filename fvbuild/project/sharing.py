"""The shared store of a film: opened when it is needed, and told of in one warning a command."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.events import Listener, Transfer
from fvbuild.errors import FilmBuildError, UsageError
from fvbuild.project.unchanged import forget_records
from fvbuild.report import words

if TYPE_CHECKING:
    from fvbuild.engine.claims import Claim
    from fvbuild.engine.shared import Shared
    from fvbuild.engine.shared_outbox import Progress
    from fvbuild.engine.shared_work import SharedWork
    from fvbuild.project.opened import OpenFilm
    from fvbuild.project.store_section import StorePlace

_HOLDER = "holder"


def store_of(film: OpenFilm) -> StorePlace:
    """What the workspace file says of the store. Raises UsageError where it names none."""
    if film.workspace.store is None:
        raise UsageError(
            "this film has no shared store",
            hint="name one in fvbuild.yaml: store: {remote: s3://films/cache}",
        )
    return film.workspace.store


def may_write(film: OpenFilm, *, itself: bool = False) -> bool:
    """Whether this workspace writes to its store at all, or to the store ``itself``, outside of
    quarantines. What nobody trusts vouches for nothing, and publishes nothing that others read."""
    place = store_of(film)
    aside = bool(place.quarantine)
    return place.write and (not itself if aside else not film.untrusted)


def store_to_write(film: OpenFilm, *, itself: bool = False) -> StorePlace:
    """The store that is written to. Raises UsageError where it may not be."""
    place = store_of(film)
    if may_write(film, itself=itself):
        return place
    if not place.write:
        why, hint = "", "store: {write: true} in the workspace file allows it"
    elif place.quarantine:
        why = f": this workspace writes to the quarantine {place.quarantine} alone"
        hint = "do it where fvbuild.yaml says `write: true`: after the merge, on a protected branch"
    else:
        why = ": an untrusted build writes to a quarantine alone"
        hint = "store: {write: quarantine NAME} in a workspace file of your own"
    raise UsageError(
        f"the shared store {place.address.url} is not to be written{why}",
        place=str(film.workspace.file),
        hint=hint,
    )


def open_shared(place: StorePlace, *, used: bool = False) -> Shared:
    """The store that the workspace file names; writes go to the quarantine, if one is named.

    Raises UsageError where the extra is not installed.
    """
    shared = connected(place, used=used)
    if place.quarantine:
        from fvbuild.engine.shared_quarantine import Quarantined

        return Quarantined(shared, place.quarantine)
    return shared


def connected(place: StorePlace, *, used: bool = False) -> Shared:
    """The store itself, all of it. ``used``: something is known to lie there. Raises UsageError
    where the extra is not installed."""
    from fvbuild.stores.connect import connect

    return connect(place.address, used=used)


def sharing_of(film: OpenFilm) -> SharedWork | None:
    """The shared store as one command works with it; None where there is none, or nothing that is
    found could be written down."""
    place = film.workspace.store
    if place is None or film.state.read_only:
        return None
    writes = may_write(film)
    if not (place.read or writes):
        return None
    from fvbuild.engine.shared import Nobody
    from fvbuild.engine.shared_work import SharedWork
    from fvbuild.project.vouching import signer_here, trust_in

    sharing = SharedWork(
        open_shared(place, used=film.state.shared.knows(place.address.url)),
        film.state,
        film.store,
        trust_in(place.trust),
        Nobody() if film.untrusted else signer_here(),
        reads=place.read,
        writes=writes,
    )
    sharing.forget = lambda: forget_records(film.workspace.cache)
    return sharing


def claim_takes(film: OpenFilm, sharing: SharedWork, tell: Callable[[str], None]) -> None:
    """Let one machine alone buy a take, where the store can tell who was first."""
    if sharing.writes and sharing.reads and sharing.shared.conditional:
        from fvbuild.engine.claims import Claims

        sharing.claims = Claims(sharing.shared, _me(film), tell)


def _me(film: OpenFilm) -> Claim:
    """This cache folder: a build that was killed and comes back is the same holder."""
    from fvbuild.engine.claims import Claim
    from fvbuild.engine.purchase import new_id

    file = film.workspace.cache / _HOLDER
    try:
        holder = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        holder = new_id()
        _keep(file, holder)
    return Claim(holder, socket.gethostname(), film.now())


def _keep(file: Path, holder: str) -> None:
    try:
        temporary = file.with_name(f"{file.name}.{os.getpid()}")
        temporary.write_text(holder, encoding="ascii")
        temporary.replace(file)
    except OSError:
        return  # this process is a holder all the same


def telling(verb: str, sharing: SharedWork, listener: Listener, *, ending: bool = True) -> Progress:
    """Tells a transfer's progress as events; its ``ending`` unless the command does."""

    def told(total: int, done: int, size_bytes: int) -> None:
        if ending or done < total:
            listener(Transfer(verb, sharing.shared.place, done, total, size_bytes))

    return told


def notes(sharing: SharedWork) -> list[str]:
    """What a person should know of the shared store after a command, each thing in one line."""
    found = []
    for refusal, count in Counter(sharing.looker.refused.values()).most_common():
        takes = "1 take" if count == 1 else f"{count} takes"
        found.append(f"{sharing.shared.place}: {takes} {refusal} did not count")
    if sharing.looker.damaged:
        many = words.count(len(sharing.looker.damaged), "artifact")
        found.append(
            f"{sharing.shared.place}: {many} there with other bytes than its name says, unused; "
            "'fvbuild push --repair' mends that from where they are whole, and 'fvbuild pull' here "
            "looks once more"
        )
    if sharing.outbox.sender.unbelieved and not _aside(sharing.shared):
        found.append(
            f"{sharing.shared.place}: what was sent is not signed, and counts for nobody who has "
            "this `trust:`; fvbuild keys new makes your key"
        )
    left = sharing.left()
    down = sharing.down()
    if down is not None:
        found.append(_down(down, left))
    elif left:
        found.append(f"{left} takes wait to be sent to {sharing.shared.place}: fvbuild push")
    return found


def _aside(shared: Shared) -> bool:
    from fvbuild.engine.shared_quarantine import Quarantined

    return isinstance(shared, Quarantined)


def _down(error: FilmBuildError, left: int) -> str:
    waits = f"; {left} takes wait to be sent: fvbuild push" if left else ""
    return f"{error.message}; went on without it{waits}"
