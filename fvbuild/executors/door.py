"""What a worker begins as on a machine of which nothing is known yet.

It is sent as code, not by name, so that it runs where fvbuild is not installed, or another one is,
and can say so. For that it uses nothing from outside its methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from fvbuild.executors.bench import Bench
    from fvbuild.executors.parcels import Done, Failed, Needs, Request


class Door:
    """A Ray actor. :meth:`enter` comes first; all that follows is the bench's behind it."""

    _bench: Bench

    def enter(
        self, version: str, build: str, token: tuple[str, str] | None, store: bytes | None
    ) -> dict[str, Any]:
        """Look whether this machine is fit; a mapping that describes it, or has ``unfit``.

        version: of fvbuild, where the build runs. The rest: see the bench.
        """
        import os
        import socket

        import ray

        told: dict[str, Any] = {
            "host": socket.gethostname(),
            "ip": ray.util.get_node_ip_address(),
            "node": ray.get_runtime_context().get_node_id(),
            "process": os.getpid(),
        }
        try:
            import fvbuild
        except ImportError:
            return {**told, "unfit": "has no fvbuild"}
        if fvbuild.__version__ != version:
            return {**told, "unfit": f"has fvbuild {fvbuild.__version__}"}
        try:
            from fvbuild.executors.bench import Bench
        except ImportError as error:
            return {**told, "unfit": f"cannot load its fvbuild ({error})"}
        self._bench = Bench(build, token, ray.get_gpu_ids(), store)
        return {**told, "near": self._bench.near}

    def make(self, request: Request, given: Mapping[str, Sequence[Any]]) -> Done | Needs | Failed:
        """Make a take."""
        return self._bench.make(request, given)

    def told(self, request: str) -> list[tuple[float, str]]:
        """What a take has told of itself since it was asked last."""
        return self._bench.told(request)

    def stop(self, request: str) -> None:
        """Have a take given up."""
        self._bench.stop(request)

    def read(self, name: str, offset: int) -> bytes:
        """A piece of a file that the last take left."""
        return self._bench.read(name, offset)

    def leave(self) -> None:
        """Clear away what lies on this machine, unless others still work with it."""
        self._bench.leave()
