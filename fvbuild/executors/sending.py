"""The inputs that machines of the cluster asked for, put where Ray hands them on from machine to
machine."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeAlias

from fvbuild.executors.cluster import Cluster
from fvbuild.executors.parcels import Needs, Request, pieces_of

Pieces: TypeAlias = "tuple[Any, ...]"

_MOST_BYTES = 512 << 20
"""What is kept for further machines; what is on its way is kept by Ray."""


class Sent:
    """Files by digest, each put into Ray's object store once, while it is asked for often enough.

    Safe from several threads.
    """

    def __init__(
        self, cluster: Cluster, bring: Callable[[str], None], most_bytes: int = _MOST_BYTES
    ) -> None:
        """``bring``: has an artifact that is away brought to where its path says."""
        self._cluster = cluster
        self._bring = bring
        self._most_bytes = most_bytes
        self._files: OrderedDict[str, tuple[Pieces, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def of(self, request: Request, needs: Needs) -> dict[str, Pieces]:
        """What a machine asked for, by digest: references to pieces."""
        paths = {given.digest: given.path for given in request.files()}
        found: dict[str, Pieces] = {}
        for digest in needs.digests:
            path = paths[digest]
            assert path is not None
            with self._lock:
                pieces = self._known(digest)
                if pieces is None:
                    if not path.exists():
                        self._bring(digest)
                    pieces = tuple(self._cluster.ray.put(piece) for piece in pieces_of(path))
                    self._keep(digest, pieces, path.stat().st_size)
            found[digest] = pieces
        return found

    def _known(self, digest: str) -> Pieces | None:
        if digest not in self._files:
            return None
        self._files.move_to_end(digest)
        return self._files[digest][0]

    def _keep(self, digest: str, pieces: Pieces, size_bytes: int) -> None:
        self._files[digest] = (pieces, size_bytes)
        self._bytes += size_bytes
        while self._bytes > self._most_bytes and len(self._files) > 1:
            _, (_, freed_bytes) = self._files.popitem(last=False)
            self._bytes -= freed_bytes
