"""Fetching a result into a file: whole, bounded, and gone on with where it broke off."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from fvbuild.errors import JobFailedError
from fvbuild.targets.api.http import WireError, pieces
from fvbuild.targets.api.origins import ForbiddenAddressError
from fvbuild.targets.api.retry import BOUGHT, Retry
from fvbuild.targets.api.streams import stoppable, until
from fvbuild.targets.api.waiting import Cancelled, never

if TYPE_CHECKING:
    from fvbuild.targets.api.asking import Asking

MAX_BYTES = 8 * 1024**3
"""The largest result that is fetched."""

LONGEST_S = 1800.0
"""How long one attempt at a result may take; what came is kept where it can be gone on with."""

HOLDS_KEY = "the result contains the key, and was thrown away"

_GONE = (401, 403, 404, 410)
_LATER = (408, 425, 429)
_LOOK_EVERY_BYTES = 1 << 20


class GoneError(Exception):
    """The address does not serve the result any more; the provider may give a fresh one."""


class Download:
    """One result on its way into a file."""

    def __init__(
        self,
        asking: Asking,
        url: str,
        path: Path,
        *,
        auth: bool,
        cancelled: Cancelled,
        watch: Callable[[], Callable[[bytes], bool]],
    ) -> None:
        self._watch = watch
        self._asking = asking
        self._url = url
        self._auth = auth
        self._cancelled = cancelled
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._have = 0
        self._validator = ""
        self.media_type = ""

    def run(self) -> str:
        """Fetch it; the file appears under its name whole and flushed. Returns its media type.

        Raises GoneError, UnavailableError, JobFailedError, ForbiddenAddressError, Interrupted.
        """
        retry = Retry(self._asking.waiting, self._cancelled)
        try:
            while (problem := self._attempt()) is not None:
                if not retry.again(BOUGHT):
                    raise self._asking.unavailable(f"the result cannot be fetched: {problem}")
            with self._part.open("rb") as file:
                os.fsync(file.fileno())
            self._part.replace(self._path)
            return self.media_type
        finally:
            self._part.unlink(missing_ok=True)

    def _attempt(self) -> str | None:
        """None when it is whole, else what went wrong and may pass."""
        going_on = self._have if self._validator else 0
        wanted = self._asking.requests.fetching(
            self._url, auth=self._auth, range_from=going_on, validator=self._validator
        )
        try:
            with (
                stoppable(self._cancelled),
                until(time.monotonic() + LONGEST_S),
                self._asking.http.open(wanted) as response,
            ):
                return self._take(response, going_on)
        except WireError as error:
            if error.certain:
                raise JobFailedError(f"the result cannot be fetched: {error}") from None
            return str(error)

    def _take(self, response: httpx.Response, going_on: int) -> str | None:
        status = response.status_code
        if status in _GONE:
            raise GoneError(f"status {status}")
        if status == 416 or (status == 206 and not _starts_at(response, going_on)):
            self._validator = ""
            return "it changed meanwhile"
        if status not in (200, 206):
            if status in _LATER or status >= 500:
                return f"HTTP status {status}"
            raise JobFailedError(f"the result cannot be fetched: HTTP status {status}")
        self.media_type = response.headers.get("content-type", "").partition(";")[0].strip()
        self._validator = _strong(response)
        self._have = going_on if status == 206 else 0
        with self._part.open("r+b" if self._have else "wb") as file:
            file.seek(self._have)
            file.truncate()
            looked = 0
            holds_key = self._watch()
            for piece in pieces(response):
                if holds_key(piece):
                    raise JobFailedError(HOLDS_KEY)
                file.write(piece)
                self._have += len(piece)
                if self._have > MAX_BYTES:
                    raise JobFailedError(f"the result is over {MAX_BYTES >> 30} GiB")
                if self._have - looked >= _LOOK_EVERY_BYTES:
                    looked = self._have
                    self._asking.waiting.sleep(0, self._cancelled)
        return None


def download(
    asking: Asking,
    url: str,
    path: Path,
    *,
    watch: Callable[[], Callable[[bytes], bool]],
    auth: bool = False,
    cancelled: Cancelled = never,
) -> str:
    """Fetch a URL into ``path``; see :class:`Download`. ``watch`` looks for the key in passing."""
    try:
        return Download(asking, url, path, auth=auth, cancelled=cancelled, watch=watch).run()
    except (httpx.InvalidURL, ValueError) as error:
        raise ForbiddenAddressError(f"the result's address is no URL: {error}") from None


def _starts_at(response: httpx.Response, byte: int) -> bool:
    return str(response.headers.get("content-range", "")).startswith(f"bytes {byte}-")


def _strong(response: httpx.Response) -> str:
    """What proves that a later answer is of the same file, if anything does."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return ""
    tag = str(response.headers.get("etag", ""))
    return "" if tag.startswith("W/") else tag
