"""The exchange with a provider, put together for the place where a film is built."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvbuild.engine.digest import quick
from fvbuild.errors import UnauthorisedError
from fvbuild.targets.api.asking import Asking
from fvbuild.targets.api.auth import Auth
from fvbuild.targets.api.exchange import Exchange
from fvbuild.targets.api.fitting import fitted
from fvbuild.targets.api.granting import is_shipped
from fvbuild.targets.api.http import Http
from fvbuild.targets.api.limits import gate
from fvbuild.targets.api.origins import Origins
from fvbuild.targets.api.requests import Requests
from fvbuild.targets.api.upload import Uploader
from fvbuild.targets.api.waiting import Cancelled, RealWaiting, Waiting, never

if TYPE_CHECKING:
    from fvbuild.engine.action import InputFile
    from fvbuild.targets.api.description import Description
    from fvbuild.targets.api.description_model import PictureLimit
    from fvbuild.targets.api.media import Media
    from fvbuild.targets.api.origins import Resolve
    from fvbuild.targets.api.place import Place


class Connection(Exchange):
    """The exchange with one provider; safe to use from many threads. Opens nothing by itself."""

    def __init__(
        self,
        description: Description,
        place: Place,
        *,
        waiting: Waiting | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        here = place.provider(description.provider)
        self._auth = Auth(description, place)
        self._publishing = here.publish
        own = [here.base_url or description.base_url]
        own += {**description.hosts, **here.hosts}.values()
        configured = [url for url in (here.base_url, *here.hosts.values()) if url is not None]
        # That a server is on this network is for the user to say, not for a film's own file.
        shipped = is_shipped(description.provider)
        local = description.local and shipped
        origins = Origins.of(own, configured=configured, local=local, shipped=shipped)
        waiting = waiting or RealWaiting()
        http = Http(origins, resolve=resolve, wall_s=waiting.wall_s)
        limits = gate(
            place.limits_folder,
            # A server of one's own has limits of its own.
            f"{description.provider}-{quick(own[0].encode())[:8]}",
            here.concurrency or description.limits.concurrency,
            here.requests_per_minute or description.limits.requests_per_minute,
            waiting,
        )
        title = description.title or description.provider
        asking = Asking(title, http, Requests(description, here, self._auth), limits, waiting)
        super().__init__(asking, place.secrets.redactor, here.poll_every_s)
        self._uploader = Uploader(asking, description.uploads, description.outcomes)

    def missing_keys(self) -> list[str]:
        """The environment variables that ought to be set and are not; empty: ready to go."""
        return self._auth.missing()

    def picture(
        self,
        given: InputFile,
        limits: PictureLimit,
        folder: Path,
        *,
        size: tuple[int, int] | None = None,
        known: Mapping[str, Any] | None = None,
        cancelled: Cancelled = never,
    ) -> Media:
        """A picture as the model takes it, which knows how to upload itself.

        ``size`` is the canvas whose ratio it must have (start and end frames); ``known`` are
        ``settings`` and ``model`` for the templates of the upload. Raises MediaError.
        """
        media = fitted(given, limits, size, folder)
        return replace(
            media,
            upload=lambda each: self._uploader.upload(each, known or {}, cancelled),
            publish=self._publishing.publish if self._publishing is not None else None,
        )


_made: dict[tuple[int, int], tuple[Description, Place, Connection]] = {}
_guard = threading.Lock()


def connect(description: Description, place: Place) -> Connection:
    """The connection, one for the same description at the same place: uploads are shared by it.

    Raises UnauthorisedError at a place where nobody may be asked.
    """
    if not place.asks:
        raise UnauthorisedError(
            f"{description.provider} is not asked, for this build does not trust the film",
            hint="build without --untrusted once you do",
        )
    with _guard:
        name = (id(description), id(place))
        if name not in _made:
            _made[name] = (description, place, Connection(description, place))
        return _made[name][2]
