"""Reads ``fvbuild.yaml``: every fault at once, each with its place and the next step."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fvbuild.film.diagnostics import FilmFaults
from fvbuild.film.source import Sources, Unreadable, decode, read_source
from fvbuild.film.suggest import did_you_mean
from fvbuild.film.tree import Map, pack_position
from fvbuild.film.yaml_reader import read_yaml
from fvbuild.targets.api.place import ProviderPlace
from fvbuild.targets.api.publishing import Publishing
from fvbuild.targets.api.secrets import variable_of
from fvbuild.targets.api.trusting import is_near
from fvbuild.targets.diffusers.devices import SILENCE_S, GpuPlace
from fvbuild.targets.diffusers.memory import RUNGS

_FIELDS = ("pools", "providers")
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
_OF_GPU = ("devices", "per_node", "placement", "trusted", "silence_s")
_GPU = "pools: {gpu: {devices: [0, 1], per_node: 1}}"
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9a-fA-F:.]+")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class WorkspaceFile:
    """What the file says: slots by pool, each provider, and the devices of local models."""

    pools: dict[str, int]
    providers: dict[str, ProviderPlace]
    gpu: GpuPlace


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
    top = _Section(sources, tree if isinstance(tree, Map) else Map(), _FIELDS)
    pools = dict(top.each("pools", _pool, _POOLS))
    providers = dict(top.each("providers", _provider, _PROVIDERS))
    if sources.failed:
        raise FilmFaults(sources.found)
    gpu = pools.get("gpu", GpuPlace())
    if not isinstance(gpu, GpuPlace):
        gpu = GpuPlace(tuple(range(gpu)))
    slots = {
        name: each.slots if isinstance(each, GpuPlace) else each for name, each in pools.items()
    }
    return WorkspaceFile(slots, providers, gpu)


class _Wrong(Exception):
    """A value that cannot be; its message and hint are for the user."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class _At:
    """A value and where it stands."""

    sources: Sources
    value: Any
    position: int


_Read = Callable[[_At], Value]


class _Section:
    """A mapping of known fields; each is read once, and what is wrong with it is noted."""

    def __init__(self, sources: Sources, tree: Map, known: tuple[str, ...]) -> None:
        self._sources = sources
        self._tree = tree
        for name in tree:
            if name not in known:
                at = tree.marks[name][0]
                sources.error(at, f"unknown field '{name}'", did_you_mean(name, known))

    def one(self, name: str, read: _Read[Value]) -> Value | None:
        """The value of a field; None where it is not there, or wrong."""
        if self._tree.get(name) is None:
            return None
        at = _At(self._sources, self._tree[name], self._tree.marks[name][1])
        try:
            return read(at)
        except _Wrong as wrong:
            self._sources.error(at.position, f"'{name}' {wrong.message}", wrong.hint)
            return None

    def each(self, name: str, read: _Read[Value], example: str) -> Iterator[tuple[str, Value]]:
        """The entries of a mapping of names."""
        tree = self._tree.get(name)
        if tree is None:
            return
        if not isinstance(tree, Map):
            self._sources.error(
                self._tree.marks[name][1], f"'{name}' is a mapping of names", example
            )
            return
        inner = _Section(self._sources, tree, tuple(tree))
        for entry in tree:
            value = inner.one(entry, read)
            if value is not None:
                yield entry, value


def _pool(at: _At) -> int | GpuPlace:
    """Slots; or the devices of the pool ``gpu``, of which each slot gets ``per_node``."""
    if not isinstance(at.value, Map):
        return _whole("1 to 1024", 1, _MOST_SLOTS)(at)
    section = _Section(at.sources, at.value, _OF_GPU)
    return GpuPlace(
        devices=tuple(section.one("devices", _devices) or (0,)),
        per_node=section.one("per_node", _whole("at least 1", 1, _MOST_SLOTS)) or 1,
        placement=section.one("placement", _placement),
        trusted=frozenset(section.one("trusted", _names) or ()),
        silence_s=section.one("silence_s", _seconds) or SILENCE_S,
    )


def _devices(at: _At) -> list[int | str]:
    devices = at.value if isinstance(at.value, list) else [at.value]
    for device in devices:
        number = isinstance(device, int) and not isinstance(device, bool) and device >= 0
        if not (number or device == "cpu"):
            raise _Wrong(f"lists numbers of devices, or cpu, not {device!r}", _GPU)
    if not devices:
        raise _Wrong("lists at least one device", _GPU)
    return list(devices)


def _placement(at: _At) -> str:
    if at.value not in RUNGS:
        raise _Wrong(f"is one of {', '.join(RUNGS)}, not {at.value!r}", _GPU)
    return str(at.value)


def _names(at: _At) -> list[str]:
    if not isinstance(at.value, list) or not all(isinstance(each, str) for each in at.value):
        raise _Wrong("is a list of repositories", "trusted: [owner/name]")
    return list(at.value)


def _provider(at: _At) -> ProviderPlace:
    if not isinstance(at.value, Map):
        raise _Wrong("is a mapping of fields", _PROVIDERS)
    section = _Section(at.sources, at.value, _OF_PROVIDER)
    return ProviderPlace(
        base_url=section.one("base_url", _url),
        hosts=dict(section.each("hosts", _url, "hosts: {queue: https://queue.example.com}")),
        concurrency=section.one("concurrency", _whole("1 to 1024", 1, _MOST_SLOTS)),
        requests_per_minute=section.one("requests_per_minute", _whole("at least 1", 1, 100_000)),
        timeout_s=section.one("timeout_s", _seconds),
        poll_every_s=section.one("poll_every_s", _seconds),
        secrets=dict(section.each("secrets", _secret, "secrets: {key: secret://RUNWAY_KEY}")),
        publish=section.one("publish", _publishing),
    )


def _publishing(at: _At) -> Publishing:
    if not isinstance(at.value, Map):
        raise _Wrong("is a folder and its address", _PUBLISH)
    section = _Section(at.sources, at.value, ("folder", "url"))
    folder, url = section.one("folder", _folder), section.one("url", _url)
    if folder is None or url is None:
        raise _Wrong("is a folder and its address", _PUBLISH)
    return Publishing(folder, url)


def _folder(at: _At) -> Path:
    folder = at.sources.folder / str(at.value)
    if not folder.is_dir():
        raise _Wrong(f"is a folder, and '{folder}' is none", _PUBLISH)
    return folder


def _whole(words: str, least: int, most: int) -> _Read[int]:
    def read(at: _At) -> int:
        value = at.value
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise _Wrong(f"is a whole number, {words}, not {value!r}")
        return int(value)

    return read


def _seconds(at: _At) -> float:
    value = at.value
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 86_400:
        raise _Wrong(f"is a number of seconds, not {value!r}")
    return float(value)


def _secret(at: _At) -> str:
    """The variable's name. What stands here instead may be the key itself: it is not repeated."""
    name = variable_of(at.value) if isinstance(at.value, str) else None
    if name is None:
        _hide(at)
        raise _Wrong("is the name of a variable, and never the key itself", _SECRET)
    return name


def _url(at: _At) -> str:
    example = "base_url: https://api.example.com/v1"
    try:
        url = urlsplit(str(at.value))
        host, _port = url.hostname or "", url.port
    except ValueError:
        raise _Wrong("is no URL", example) from None
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise _Wrong("is a URL that begins with https://", example)
    if url.username is not None or url.query or url.fragment:
        _hide(at)
        raise _Wrong("holds neither a password nor a query", _SECRET)
    if url.scheme == "http" and not is_near(host):
        raise _Wrong(
            "would send the key in the clear",
            "use https; http is for this machine and the local network: 192.168.1.5, studio.local",
        )
    return str(at.value)


def _hide(at: _At) -> None:
    """Keep what may be a secret out of the line that a message shows."""
    at.sources.texts[:] = [text.replace(str(at.value), "...") for text in at.sources.texts]
