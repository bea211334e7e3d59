"""Where a film's takes are made: here, or on the cluster that ``fvbuild.yaml`` names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.events import Act
from fvbuild.engine.executor import HERE, Executor
from fvbuild.engine.verdict import Verdict
from fvbuild.errors import ExecutorError, RemoteError

if TYPE_CHECKING:
    from fvbuild.engine.shared import Shared
    from fvbuild.engine.shared_work import SharedWork
    from fvbuild.executors.asking import SharedFiles
    from fvbuild.executors.place import RayPlace
    from fvbuild.project.opened import OpenFilm
    from fvbuild.project.store_section import StorePlace
    from fvbuild.stores.address import Address


def executor_of(
    film: OpenFilm, sharing: SharedWork | None, tell: Callable[[str], None]
) -> Executor:
    """The executor of one build. A cluster is connected to when something first goes out.

    ``tell`` hears, on any thread, what a person should know meanwhile.
    """
    place = film.workspace.executor
    if place is None:
        return HERE
    from fvbuild.executors.ray_executor import RayExecutor

    shared = _shared(film, sharing) if sharing is not None else None
    return RayExecutor(place, film.targets.elsewhere, lambda: _folder(film), shared, tell)


def _shared(film: OpenFilm, sharing: SharedWork) -> SharedFiles | None:
    """The shared store as machines of the cluster use it."""
    store = film.workspace.store
    if store is None or not store.read:
        return None
    from fvbuild.executors.asking import SharedFiles

    def bring(digest: str) -> None:
        if not film.store.path(digest).exists():
            sharing.bringer.bring(digest)

    def keeps() -> bool:
        # What a build in quarantine writes, it does not read: its results come to it. So they do
        # once something was lost there: it would be put, and lost, again and again.
        return sharing.writes and not store.quarantine and sharing.is_sound

    def seen(digest: str) -> bool:
        try:
            return sharing.shared.has(_name(digest))
        except RemoteError:
            return False

    has = sharing.away.__contains__
    return SharedFiles(StoreOfMachines(store), has, bring, keeps, seen)


@dataclass(frozen=True, slots=True)
class StoreOfMachines:
    """The shared store in whatever process this is used, with the credentials of the machine that
    it runs on; see :class:`fvbuild.executors.shelf.StoreThere`."""

    store: StorePlace

    def fetch(self, digest: str) -> AbstractContextManager[Iterator[bytes] | None]:
        """See :meth:`fvbuild.engine.shared.Shared.stream`."""
        return self._shared().stream(_name(digest))

    def keep(self, digest: str, path: Path) -> None:
        """Write a file there unless it has it."""
        shared = self._shared()
        if not shared.has(_name(digest)):
            shared.write_file(_name(digest), path)

    def _shared(self) -> Shared:
        return _opened(self.store.address, self.store.quarantine)


def _name(digest: str) -> str:
    from fvbuild.engine.shared import blob_name

    return blob_name(digest)


@cache
def _opened(address: Address, quarantine: str) -> Shared:
    from fvbuild.project.sharing import open_shared
    from fvbuild.project.store_section import StorePlace

    # The build has opened it: a folder that is not there is another one, or is not mounted.
    return open_shared(StorePlace(address, quarantine=quarantine), used=True)


def _folder(film: OpenFilm) -> Path:
    """On the store's file system, and swept with all else that builds leave which are killed."""
    return film.store.new_folder("executor")


def obstacles(film: OpenFilm, verdicts: Mapping[str, Verdict] | None = None) -> list[ExecutorError]:
    """What would keep a build from having its takes made: found in a moment, without Ray.

    ``verdicts``: those of a plan; where nothing of it goes out, nothing is in its way.
    """
    place = film.workspace.executor
    if place is None or (verdicts is not None and not _goes_out(film, place, verdicts)):
        return []
    from fvbuild.executors.place import obstacle

    error = obstacle(place)
    return [] if error is None else [error]


def _goes_out(film: OpenFilm, place: RayPlace, verdicts: Mapping[str, Verdict]) -> bool:
    for node_id, verdict in verdicts.items():
        if verdict.action not in (Act.BUILD, Act.MAYBE):
            continue
        node = film.graph[node_id]
        if node.target is not None and not node.pure and place.takes(node.target.pool):
            return True
        kind = film.graph.kinds[node.kind]
        if node.target is None and kind.make is not None and not kind.beside_store:
            return True
    return False
