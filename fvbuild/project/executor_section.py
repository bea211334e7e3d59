"""The section ``executor`` of ``fvbuild.yaml``: the machines that takes are made on."""

from __future__ import annotations

import re

from fvbuild.executors.place import AUTO, LOCAL, RayPlace
from fvbuild.film.tree import Map
from fvbuild.project.section import At, Section, Wrong

_EXECUTOR = "executor: {ray: {address: 10.0.0.1:6379}}"
_RESOURCES = "resources: {gpu: {GPU: 1, CPU: 4}, cpu: {CPU: 1}}"
_ADDRESS = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\]:\d{1,5}")
_FILES = ("auto", "sent")


def ray_place(at: At) -> RayPlace:
    """The cluster; how many workers it has for each pool is for ``pools`` to say."""
    if not isinstance(at.value, Map) or set(at.value) != {"ray"}:
        raise Wrong("is a mapping of the one name 'ray'", _EXECUTOR)
    place = Section(at.sources, at.value, ("ray",)).one("ray", _ray)
    return place if place is not None else RayPlace()


def _ray(at: At) -> RayPlace:
    if not isinstance(at.value, Map):
        raise Wrong("is a mapping of fields", _EXECUTOR)
    section = Section(at.sources, at.value, ("address", "resources", "files"))
    return RayPlace(
        address=section.one("address", _address) or AUTO,
        resources=dict(section.each("resources", _resources, _RESOURCES)),
        share=section.one("files", _files) != "sent",
    )


def _address(at: At) -> str:
    address = str(at.value)
    if address.startswith("ray://"):
        raise Wrong(
            "is the cluster's own address: what lies behind ray:// cannot keep workers for a build",
            "join this machine to it: ray start --address=HOST:6379 --num-cpus=0 "
            "(docs/clusters.md)",
        )
    if not _ADDRESS.fullmatch(address):
        raise Wrong(f"is HOST:PORT, {AUTO} or {LOCAL}, not {at.value!r}", _EXECUTOR)
    return address


def _resources(at: At) -> dict[str, float]:
    if not isinstance(at.value, Map) or not at.value:
        raise Wrong("says what one worker of the pool has", _RESOURCES)
    section = Section(at.sources, at.value, tuple(at.value))
    return {name: section.one(name, _amount) or 0.0 for name in at.value}


def _amount(at: At) -> float:
    value = at.value
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e15:
        raise Wrong(f"is an amount above 0, not {value!r}", _RESOURCES)
    return float(value)


def _files(at: At) -> str:
    if at.value not in _FILES:
        raise Wrong(f"is one of {', '.join(_FILES)}, not {at.value!r}", "files: sent")
    return str(at.value)
