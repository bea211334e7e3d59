"""Reads ``fvbuild.yaml``: every fault at once, each with its place and the next step."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fvbuild.executors.place import RayPlace
from fvbuild.film.diagnostics import FilmFaults
from fvbuild.film.source import Sources, Unreadable, decode, read_source
from fvbuild.film.tree import Map, pack_position
from fvbuild.film.yaml_reader import read_yaml
from fvbuild.project.executor_section import ray_place
from fvbuild.project.section import At, Read, Section, Wrong, hide, seconds, whole
from fvbuild.targets.api.place import ProviderPlace
from fvbuild.targets.api.publishing import Publishing
from fvbuild.targets.api.secrets import variable_of
from fvbuild.targets.api.trusting import is_near
from fvbuild.targets.diffusers.devices import IDLE_S, SILENCE_S, GpuPlace
from fvbuild.targets.diffusers.memory import RUNGS

if TYPE_CHECKING:
    from fvbuild.project.store_section import StorePlace

_FIELDS = ("pools", "providers", "executor", "store")
_OF_PROVIDER = (
    "base_url",
    "hosts",
    "concurrency",
    "requests_per_minute",
    "timeout_s",
    "poll_every_s",
    "secrets",
    "publish",
)
_POOLS = "pools: {cpu: 4, gpu: 1}"
_PROVIDERS = "providers: {runway: {concurrency: 3}}"
_PUBLISH = "publish: {folder: /srv/films, url: https://films.example.org}"
_SECRET = "write secret://NAME, and set NAME in the environment or in a file .env"
_MOST_SLOTS = 1024
_OF_GPU = ("devices", "per_node", "placement", "trusted", "silence_s", "idle_s")
_GPU = "pools: {gpu: {devices: [0, 1], per_node: 1}}"
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9a-fA-F:.]+")


@dataclass(frozen=True, slots=True)
class WorkspaceFile:
    """What the file says: slots by pool, each provider, the devices of local models, the cluster
    that takes are made on, and the store that is shared."""

    pools: dict[str, int]
    providers: dict[str, ProviderPlace]
    gpu: GpuPlace
    executor: RayPlace | None = None
    store: StorePlace | None = None


def read(file: Path) -> WorkspaceFile:
    """The workspace file. Raises ManifestError."""
    sources = Sources(file.parent)
    number = sources.add(str(file), "")
    try:
        sources.texts[number] = decode(read_source(file)[0])
    except Unreadable as error:
        at = pack_position(number, error.line - 1, error.column - 1)
        sources.error(at, error.message, error.hint)
        raise FilmFaults(sources.found) from None
    tree = read_yaml(sources, number)
    if tree is not None and not isinstance(tree, Map):
        sources.error(0, "the workspace file is a mapping", _POOLS)
    top = Section(sources, tree if isinstance(tree, Map) else Map(), _FIELDS)
    pools = dict(top.each("pools", _pool, _POOLS))
    providers = dict(top.each("providers", _provider, _PROVIDERS))
    executor = top.one("executor", ray_place)
    store = top.one("store", _store)
    if sources.failed:
        raise FilmFaults(sources.found)
    gpu = pools.get("gpu", GpuPlace())
    if not isinstance(gpu, GpuPlace):
        gpu = GpuPlace(tuple(range(gpu)))
    slots = {
        name: each.slots if isinstance(each, GpuPlace) else each for name, each in pools.items()
    }
    if executor is not None:
        said = {name: each for name, each in pools.items() if isinstance(each, int)}
        executor = replace(
            executor, slots=said, per_gpu_slot=max([gpu.per_node, *gpu.by_target.values()])
        )
    return WorkspaceFile(slots, providers, gpu, executor, store)


def _store(at: At) -> StorePlace:
    """The shared store; what reads it is imported where there is one."""
    from fvbuild.project.store_section import store_place

    return store_place(at)


def _pool(at: At) -> int | GpuPlace:
    """Slots; or the devices of the pool ``gpu``, of which each node gets ``per_node``."""
    if not isinstance(at.value, Map):
        return whole("1 to 1024", 1, _MOST_SLOTS)(at)
    section = Section(at.sources, at.value, _OF_GPU)
    devices = tuple(section.one("devices", _devices) or (0,))
    per_node = section.one("per_node", _per_node(len(devices))) or 1
    return GpuPlace(
        devices=devices,
        per_node=per_node if isinstance(per_node, int) else 1,
        by_target=per_node if isinstance(per_node, dict) else {},
        placement=section.one("placement", _placement),
        trusted=frozenset(section.one("trusted", _names) or ()),
        silence_s=section.one("silence_s", seconds) or SILENCE_S,
        idle_s=section.one("idle_s", seconds) or IDLE_S,
    )


def _devices(at: At) -> list[int | str]:
    devices = at.value if isinstance(at.value, list) else [at.value]
    for device in devices:
        number = isinstance(device, int) and not isinstance(device, bool) and device >= 0
        if not (number or device == "cpu"):
            raise Wrong(f"lists numbers of devices, or cpu, not {device!r}", _GPU)
    if not devices:
        raise Wrong("lists at least one device", _GPU)
    return list(devices)


def _per_node(devices: int) -> Read[int | dict[str, int]]:
    """How many devices a node gets: of every target, or by targets' names, the others one."""
    count = whole(f"1 to {devices}, as there are devices", 1, devices)

    def read(at: At) -> int | dict[str, int]:
        if not isinstance(at.value, Map):
            return count(at)
        section = Section(at.sources, at.value, tuple(at.value))
        return {name: given for name in at.value if (given := section.one(name, count))}

    return read


def _placement(at: At) -> str:
    if at.value not in RUNGS:
        raise Wrong(f"is one of {', '.join(RUNGS)}, not {at.value!r}", _GPU)
    return str(at.value)


def _names(at: At) -> list[str]:
    if not isinstance(at.value, list) or not all(isinstance(each, str) for each in at.value):
        raise Wrong("is a list of repositories", "trusted: [owner/name]")
    return list(at.value)


def _provider(at: At) -> ProviderPlace:
    if not isinstance(at.value, Map):
        raise Wrong("is a mapping of fields", _PROVIDERS)
    section = Section(at.sources, at.value, _OF_PROVIDER)
    return ProviderPlace(
        base_url=section.one("base_url", _url),
        hosts=dict(section.each("hosts", _url, "hosts: {queue: https://queue.example.com}")),
        concurrency=section.one("concurrency", whole("1 to 1024", 1, _MOST_SLOTS)),
        requests_per_minute=section.one("requests_per_minute", whole("at least 1", 1, 100_000)),
        timeout_s=section.one("timeout_s", seconds),
        poll_every_s=section.one("poll_every_s", seconds),
        secrets=dict(section.each("secrets", _secret, "secrets: {key: secret://RUNWAY_KEY}")),
        publish=section.one("publish", _publishing),
    )


def _publishing(at: At) -> Publishing:
    if not isinstance(at.value, Map):
        raise Wrong("is a folder and its address", _PUBLISH)
    section = Section(at.sources, at.value, ("folder", "url"))
    folder, url = section.one("folder", _folder), section.one("url", _url)
    if folder is None or url is None:
        raise Wrong("is a folder and its address", _PUBLISH)
    return Publishing(folder, url)


def _folder(at: At) -> Path:
    folder = at.sources.folder / str(at.value)
    if not folder.is_dir():
        raise Wrong(f"is a folder, and '{folder}' is none", _PUBLISH)
    return folder


def _secret(at: At) -> str:
    """The variable's name. What stands here instead may be the key itself: it is not repeated."""
    name = variable_of(at.value) if isinstance(at.value, str) else None
    if name is None:
        hide(at)
        raise Wrong("is the name of a variable, and never the key itself", _SECRET)
    return name


def _url(at: At) -> str:
    example = "base_url: https://api.example.com/v1"
    try:
        url = urlsplit(str(at.value))
        host, _port = url.hostname or "", url.port
    except ValueError:
        raise Wrong("is no URL", example) from None
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise Wrong("is a URL that begins with https://", example)
    if url.username is not None or url.query or url.fragment:
        hide(at)
        raise Wrong("holds neither a password nor a query", _SECRET)
    if url.scheme == "http" and not is_near(host):
        raise Wrong(
            "would send the key in the clear",
            "use https; http is for this machine and the local network: 192.168.1.5, studio.local",
        )
    return str(at.value)
