"""Where a key may go: to its provider's own hosts, to near ones, and where the user has said so.

``fvbuild.yaml`` and a description beside a film come with the film, from anywhere, and either may
name a host. So what they name gets no key before the user has allowed that host, once, outside of
the film: ``fvbuild targets --trust HOST``, or in CI the variable ``FVBUILD_TRUSTED_HOSTS``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fvbuild.errors import Exit, UnauthorisedError

if TYPE_CHECKING:
    from fvbuild.targets.api.place import Place

# Names that mean nothing outside of a local network (RFC 6761, 6762, 8375), besides single words.
_NEAR_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
# Loopback, private and link-local, written down: what `is_private` means differs among Pythons.
_NEAR = tuple(
    map(
        ipaddress.ip_network,
        (
            *(
                "127.0.0.0/8",
                "0.0.0.0/32",
                "10.0.0.0/8",
                "172.16.0.0/12",
                "192.168.0.0/16",
                "169.254.0.0/16",
            ),
            *("::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)
# Narrower than what URLs may be: what is not understood here to the letter is nobody's host.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~-]*)*)"
)
_ENTRY = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*")
_HTTPS = "443"


class UntrustedHostError(UnauthorisedError):
    """A key would go to a host that is not its provider's and that the user has not allowed."""

    exit_code = Exit.USAGE


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A host that is not the provider's own and gets its key. ``entry`` is what allows it.

    ``near``: it is this machine or the local network. ``trusted``: the user has allowed it.
    """

    url: str
    entry: str
    near: bool
    trusted: bool

    @property
    def allowed(self) -> bool:
        """Whether a key may go there."""
        return self.near or self.trusted

    @property
    def host(self) -> str:
        """The host, as people write it."""
        return self.entry.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Homes:
    """Where a description says that its provider is.

    ``urls`` are its base URL, then its other hosts. ``regions`` are further hosts that belong to
    the provider, where ``*`` at the beginning stands for a part of a name. ``shipped``: it comes
    with the program, so that these are known to be the provider's own.
    """

    provider: str
    urls: tuple[str, ...]
    regions: tuple[str, ...] = ()
    shipped: bool = True


def elsewhere(homes: Homes, place: Place) -> list[Elsewhere]:
    """The hosts that would get the provider's key and are not known to be its own."""
    here = place.provider(homes.provider)
    used = [here.base_url or homes.urls[0], *homes.urls[1:], *here.hosts.values()]
    own = {address for url in homes.urls if (address := _address(url)) is not None}
    found = []
    for url in dict.fromkeys(used):
        if homes.shipped and (_address(url) in own or _in_region(url, homes.regions)):
            continue
        found.append(_told(url, place.trusted, whole=not homes.shipped))
    return found


def refusal(provider: str, variables: str, places: Sequence[Elsewhere]) -> UntrustedHostError:
    """What to say where ``variables`` would go to places that are not allowed, and the way on."""
    hosts = ", ".join(dict.fromkeys(each.host for each in places))
    entries = list(dict.fromkeys(each.entry for each in places))
    if all(map(is_entry, entries)):
        options = " ".join(f"--trust {each}" for each in entries)
        hint = (
            f"if that is right, allow it once: fvbuild targets {options} (in CI: "
            f"FVBUILD_TRUSTED_HOSTS={','.join(entries)})"
        )
    else:
        hint = "no such address can be allowed: write it as https://host/path, with a public name"
    what = "which is" if len(entries) == 1 else "which are"
    return UntrustedHostError(
        f"{variables} would go to {hosts}, {what} not known to be of {provider}", hint=hint
    )


def is_near(host: str) -> bool:
    """Whether a host is this machine or a private address, beyond doubt."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return "." not in host or host.endswith(_NEAR_NAMES)
    return any(address in network for network in _NEAR if network.version == address.version)


def is_entry(text: str) -> bool:
    """Whether this can stand for a host: ``proxy.example``, ``gateway.example:8443/v1/mine``."""
    return _ENTRY.fullmatch(text) is not None and not _climbs(text)


def _told(url: str, trusted: Collection[str], *, whole: bool) -> Elsewhere:
    match = _parts(url)
    if match is None or _climbs(match["path"]):
        return Elsewhere(url, url, near=False, trusted=False)
    name = match["host"] + ("" if _port(match) == _HTTPS else f":{_port(match)}")
    near = is_near(match["host"])
    # A host of many customers is allowed with the path that is one's own; a film's own file, whose
    # requests may go to any path, needs the whole of a host.
    entry = name if whole else (name + match["path"]).rstrip("/")
    ways = {name} if whole else set(_above(entry))
    allowed = match["scheme"] == "https" and not ways.isdisjoint(trusted)
    return Elsewhere(url, entry, near=near, trusted=allowed)


def _above(entry: str) -> Iterator[str]:
    """An entry, and all that it lies below."""
    while entry:
        yield entry
        entry = entry.rpartition("/")[0]


def _climbs(path: str) -> bool:
    return any(part in (".", "..") for part in path.split("/"))


def _address(url: str) -> tuple[str, str, str] | None:
    """Scheme, host and port; None, which is no address, for what is not understood."""
    match = _parts(url)
    return (match["scheme"], match["host"], _port(match)) if match is not None else None


def _parts(url: str) -> re.Match[str] | None:
    """Scheme, host, port and path; names of hosts are the same in capitals."""
    scheme, slashes, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return _URL.fullmatch(f"{scheme.lower()}{slashes}{host.lower()}{slash}{path}")


def _port(match: re.Match[str]) -> str:
    return match["port"] or {"http": "80", "https": _HTTPS}[match["scheme"]]


def _in_region(url: str, regions: Sequence[str]) -> bool:
    match = _parts(url)
    if match is None or match["scheme"] != "https" or _port(match) != _HTTPS:
        return False
    return any(_is_of(match["host"], region) for region in regions)


def _is_of(host: str, region: str) -> bool:
    if not region.startswith("*"):
        return host == region
    part = host.removesuffix(region[1:])
    return part != host and re.fullmatch(r"[a-z0-9-]+", part) is not None
