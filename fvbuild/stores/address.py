"""The address of a shared store as the workspace file gives it; nothing heavy is imported for it.

An address holds no secret: credentials come from the environment alone.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

SCHEMES = ("s3", "gs", "az", "https", "http", "file")
EXAMPLES = "s3://films/cache, gs://films, az://films, https://cache.example.org, file:///srv/films"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9a-fA-F:.]+")
_PATH = re.compile(r"(/[A-Za-z0-9._~@+-]+)*/?")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
# Names that mean nothing outside of a local network (RFC 6761, 6762, 8375), besides single words.
_NEAR_NAMES = (".localhost", ".local", ".internal", ".home.arpa")


class AddressError(ValueError):
    """An address that cannot be; ``hint`` is the next step."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Address:
    """Where a shared store is.

    bucket: of an object store; of HTTP the host with its port. path: below it, without slashes at
    its ends. endpoint, region: of an S3-compatible store that is not Amazon's.
    """

    scheme: str
    bucket: str
    path: str
    endpoint: str = ""
    region: str = ""

    @property
    def url(self) -> str:
        """The address as people know it."""
        rest = f"{self.bucket}/{self.path}" if self.path else self.bucket
        return f"{self.scheme}://{rest}"

    @property
    def is_http(self) -> bool:
        """True for plain web servers."""
        return self.scheme in ("http", "https")

    @property
    def hostname(self) -> str:
        """The host of an HTTP address, without its port."""
        return urlsplit(self.url).hostname or ""


def parse(text: str, endpoint: str = "", region: str = "") -> Address:
    """Read an address. Raises AddressError."""
    scheme, separator, _ = text.partition("://")
    if not separator or scheme not in SCHEMES:
        raise AddressError("is the address of a store", EXAMPLES)
    _refuse_secrets(text)
    parts = urlsplit(text)
    path = parts.path
    if not _PATH.fullmatch(path) or "/.." in path or "/./" in f"{path}/":
        raise AddressError("holds a path of plain names", EXAMPLES)
    if scheme == "file":
        if parts.netloc or not path.strip("/"):
            raise AddressError("names a folder from the root on", "file:///srv/films")
        return Address(scheme, "", path.strip("/"))
    if scheme in ("http", "https"):
        _check_host(parts.hostname or "", scheme)
        return Address(scheme, _netloc(text), path.strip("/"))
    if not _BUCKET.fullmatch(parts.netloc):
        raise AddressError("begins with the name of a bucket", EXAMPLES)
    if region and not _REGION.fullmatch(region):
        raise AddressError("has a region like eu-central-1", "region: eu-central-1")
    if endpoint:
        if scheme != "s3":
            raise AddressError("takes an endpoint with s3:// only", EXAMPLES)
        _check_endpoint(endpoint)
    return Address(scheme, parts.netloc, path.strip("/"), endpoint.rstrip("/"), region)


def _refuse_secrets(text: str) -> None:
    parts = urlsplit(text)
    if parts.username is not None or parts.query or parts.fragment or "@" in parts.netloc:
        raise AddressError(
            "holds neither a user, a password nor a query",
            "credentials are read from the environment (docs/shared-store.md)",
        )


def _netloc(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise AddressError("has no such port", EXAMPLES) from None
    return parts.netloc


def _check_endpoint(endpoint: str) -> None:
    scheme, separator, _ = endpoint.partition("://")
    if not separator or scheme not in ("http", "https"):
        raise AddressError("has an endpoint like https://s3.example.org", "endpoint: https://...")
    _refuse_secrets(endpoint)
    _netloc(endpoint)
    if not _PATH.fullmatch(urlsplit(endpoint).path):
        raise AddressError("has an endpoint like https://s3.example.org", "endpoint: https://...")
    _check_host(urlsplit(endpoint).hostname or "", scheme)


def _check_host(host: str, scheme: str) -> None:
    if not _HOST.fullmatch(host):
        raise AddressError("holds the name of a host", EXAMPLES)
    if scheme == "http" and not is_near(host):
        raise AddressError(
            "would send films in the clear",
            "use https; http is for this machine and the local network: 192.168.1.5, studio.local",
        )


def is_near(host: str) -> bool:
    """Whether a host is this machine or a private address, beyond doubt."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_NEAR_NAMES)
    return address.is_loopback or address.is_private
