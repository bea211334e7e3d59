"""Opens the shared store of an address, by obstore; that is imported here and nowhere earlier."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvbuild.engine.shared import Shared
from fvbuild.errors import UsageError
from fvbuild.stores.address import Address

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

_INSTALL = "pip install 'fvbuild[shared]'"
_CONNECT_S = 5
_SILENCE_S = 30
# A large artifact over a slow line takes as long as it takes; silence ends it.
_WHOLE_S = 3600
_RETRIES = 3
_RETRY_S = 20
_IDLE_S = 60


def connect(
    address: Address, environment: Mapping[str, str] = os.environ, *, used: bool = False
) -> Shared:
    """The store at an address. Nothing is asked of it yet.

    ``used``: something is known to lie there, so that a folder which is gone is not begun anew. A
    folder that cannot be opened gives a store that says so whatever it is asked.
    Raises UsageError: the extra is not installed, or what the environment holds makes no sense.
    """
    try:
        import obstore
    except ImportError as error:
        raise UsageError(
            f"the shared store {address.url} needs a library that is not installed",
            hint=_INSTALL,
        ) from error
    del obstore
    from fvbuild.stores.objects import ObjectsShared
    from fvbuild.stores.web import WebShared

    if address.scheme == "file" and (why := _closed(Path("/") / address.path, used)):
        from fvbuild.stores.unreachable import Unreachable

        return Unreachable(address.url, why)
    try:
        store = _store(address, environment)
    except UsageError:
        raise
    except Exception as error:
        # Its words may repeat what the environment holds.
        raise UsageError(
            f"the shared store {address.url} cannot be set up ({type(error).__name__})",
            hint="are its credentials in the environment as docs/shared-store.md says?",
        ) from None
    kind = WebShared if address.is_http else ObjectsShared
    return kind(store, address.url, conditional=not address.is_http)


def _store(address: Address, environment: Mapping[str, str]) -> ObjectStore:
    from obstore.store import AzureStore, GCSStore, HTTPStore, LocalStore, S3Store

    given: dict[str, Any] = {
        "client_options": _client(address, environment),
        "retry_config": _retry(),
    }
    if address.scheme == "file":
        return LocalStore(Path("/") / address.path)
    if address.is_http:
        headers = _authorization(address, environment)
        if headers:
            given["client_options"]["default_headers"] = headers
        return HTTPStore(address.url, **given)
    if address.path:
        given["prefix"] = address.path
    if address.scheme == "gs":
        return GCSStore(address.bucket, **given)
    if address.scheme == "az":
        return AzureStore(address.bucket, **given)
    if address.endpoint:
        given["endpoint"] = address.endpoint
    if address.region or not _names_region(environment):
        given["region"] = address.region or "us-east-1"
    return S3Store(address.bucket, **given)


def _closed(folder: Path, used: bool) -> str:
    """Why a folder cannot be opened; "" where it can, or could be made."""
    try:
        if used and not folder.exists():
            return "the folder is gone"
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _names_region(environment: Mapping[str, str]) -> bool:
    return any(environment.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))


def _client(address: Address, environment: Mapping[str, str]) -> ClientConfig:
    options: ClientConfig = {
        "connect_timeout": timedelta(seconds=_CONNECT_S),
        "read_timeout": timedelta(seconds=_SILENCE_S),
        "timeout": timedelta(seconds=_WHOLE_S),
        "pool_idle_timeout": timedelta(seconds=_IDLE_S),
        "user_agent": "fvbuild",
    }
    if (address.endpoint or address.url).startswith("http://") or _to_emulator(environment):
        options["allow_http"] = True
    return options


def _to_emulator(environment: Mapping[str, str]) -> bool:
    """Whether the user has said that Google's or Azure's store is an emulator of theirs."""
    names = ("GOOGLE_ALLOW_HTTP", "AZURE_ALLOW_HTTP")
    return any(environment.get(name, "") in ("1", "true") for name in names)


def _retry() -> RetryConfig:
    return {
        "max_retries": _RETRIES,
        "retry_timeout": timedelta(seconds=_RETRY_S),
        "backoff": {
            "init_backoff": timedelta(milliseconds=100),
            "max_backoff": timedelta(seconds=3),
            "base": 2,
        },
    }


def _authorization(address: Address, environment: Mapping[str, str]) -> dict[str, str]:
    """The header for a web server, if the environment has one for this very host: the address
    comes with the film, from anywhere."""
    token = environment.get("FVBUILD_STORE_TOKEN", "")
    user = environment.get("FVBUILD_STORE_USER", "")
    if not token and not user:
        return {}
    host = environment.get("FVBUILD_STORE_HOST", "")
    if host.lower() not in (address.hostname.lower(), address.bucket.lower()):
        return {}
    if token:
        return {"authorization": f"Bearer {token}"}
    words = f"{user}:{environment.get('FVBUILD_STORE_PASSWORD', '')}"
    return {"authorization": f"Basic {base64.b64encode(words.encode()).decode()}"}
