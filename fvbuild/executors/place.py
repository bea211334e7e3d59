"""What is said of a Ray cluster, and what stands in the way of using it. Imports no Ray."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from fvbuild.errors import ExecutorError

LOCAL = "local"
"""The address that stands for a cluster of this machine alone, started and ended by the build."""

AUTO = "auto"
"""The address that stands for the cluster this machine is part of."""

_CURRENT = Path("/tmp/ray/ray_current_cluster")
_DEFAULT_PORT = 6379
_CONNECT_S = 3.0
_MOST_TOLD = 400
_JOIN = "on this machine: ray start --address=HOST:6379 --num-cpus=0 (docs/clusters.md)"


@dataclass(frozen=True, slots=True)
class RayPlace:
    """What ``fvbuild.yaml`` says of the cluster.

    address: ``HOST:PORT``, ``auto`` or ``local``. resources: by pool, what one worker of it asks
    Ray for. slots: by pool, how many workers there are at most, where that is said. per_gpu_slot:
    how many GPUs a worker of the pool ``gpu`` has. share: False where files are always sent, even
    if a machine sees the same folders.
    """

    address: str = AUTO
    resources: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    slots: Mapping[str, int] = field(default_factory=dict)
    per_gpu_slot: int = 1
    share: bool = True

    def takes(self, pool: str) -> bool:
        """Whether the work of a pool goes to the cluster: not that of providers, which spends."""
        return pool.partition("-")[0] in ("cpu", "gpu")

    def asked_for(self, pool: str) -> Mapping[str, float]:
        """What a worker of a pool asks Ray for: amounts by the names that Ray gives resources."""
        given = self.resources.get(pool)
        if given is not None:
            return given
        # A GPU's worker asks for no processor, so that those of the pool `cpu` are not in its way.
        return {"CPU": 1} if pool == "cpu" else {"GPU": self.per_gpu_slot}


def obstacle(place: RayPlace) -> ExecutorError | None:
    """What would keep a build from using the cluster, found in a moment and without Ray; None:
    nothing that shows from here."""
    if find_spec("ray") is None:
        return ExecutorError(
            "fvbuild.yaml has takes made on a Ray cluster, and Ray is not installed here",
            hint="pip install 'fvbuild[ray]', or take `executor:` out of fvbuild.yaml",
        )
    if place.address == LOCAL:
        return None
    address = resolved(place.address)
    if address is None:
        return ExecutorError(
            "fvbuild.yaml has takes made on the Ray cluster of this machine, which is part of none",
            hint=f"name it, `executor: {{ray: {{address: HOST:6379}}}}`, and join it {_JOIN}",
        )
    import socket

    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_S).close()
    except OSError as error:
        return ExecutorError(
            f"the Ray cluster at {address} cannot be reached: {error.strerror or error}",
            hint="start it (ray start --head), or correct `executor: {ray: {address: ...}}` in "
            "fvbuild.yaml",
        )
    return None


def resolved(address: str) -> str | None:
    """``host:port`` of an address; ``auto`` is looked up where Ray itself would; None: nowhere."""
    if address == AUTO:
        address = os.environ.get("RAY_ADDRESS", "")
        if not address:
            try:
                address = _CURRENT.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                return None
    host, colon, port = address.rpartition(":")
    return f"{host}:{port}" if colon and port.isdigit() and host else f"{address}:{_DEFAULT_PORT}"


def refused(address: str, message: str) -> ExecutorError:
    """The cluster is there and does not take this machine."""
    told = " ".join(message.split())[:_MOST_TOLD] or "no reason is given"
    return ExecutorError(
        f"the Ray cluster at {address} does not take this machine: {told}",
        hint="a build runs on a machine of the cluster, with the same Ray and Python: join it "
        f"{_JOIN}",
    )
