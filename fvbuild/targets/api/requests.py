"""Requests of a description, filled in with the context of a call, ready to go out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import httpx

from fvbuild.errors import RejectedInputError, TargetError
from fvbuild.targets.api.http import MOST_MEDIA_BYTES, MOST_SAID_BYTES, Outgoing
from fvbuild.targets.api.lookup import look
from fvbuild.targets.api.media import Media
from fvbuild.targets.api.reply import MISSING, Reply
from fvbuild.targets.api.values import form_fields, render, render_text

if TYPE_CHECKING:
    from fvbuild.targets.api.auth import Auth
    from fvbuild.targets.api.description import Description
    from fvbuild.targets.api.description_call import Request
    from fvbuild.targets.api.place import ProviderPlace

LOOK_TIMEOUT_S: Final = 60.0
"""How long a question may take."""

QUEUE_TIMEOUT_S: Final = 150.0
"""How long a queue may take to take a job in."""

MAKE_TIMEOUT_S: Final = 600.0
"""How long an answer may take that makes something before it comes."""


class Requests:
    """Fills in the requests of one provider."""

    def __init__(self, description: Description, place: ProviderPlace, auth: Auth) -> None:
        self._description = description
        self._auth = auth
        self._timeout_s = place.timeout_s
        self._base = place.base_url or description.base_url
        self._hosts = {**description.hosts, **place.hosts}

    def outgoing(
        self,
        request: Request,
        context: Mapping[str, Any],
        *,
        buys: bool = False,
        timeout_s: float = LOOK_TIMEOUT_S,
        media: bool = False,
    ) -> Outgoing:
        """The request as it goes out; media that it wants uploaded are uploaded now. ``media``: its
        answer may hold one.

        Raises TargetError where the description or what was given does not fit.
        """
        headers = _sendable(self._texts(request.headers, context))
        written = {name.lower() for name in headers}
        general = _sendable(self._texts(self._description.headers, context))
        own = {name: text for name, text in general.items() if name.lower() not in written}
        if request.auth is not False:
            own.update(self._auth.headers())
        content, media_type, multipart = _body(request, context)
        if media_type is not None and "content-type" not in written:
            headers["Content-Type"] = media_type
        return Outgoing(
            request.method,
            self._url(request, context),
            headers=headers,
            own_headers=own,
            content=content,
            multipart=multipart,
            timeout_s=_own_timeout_s(request) or self._timeout_s or timeout_s,
            buys=buys,
            first_event=request.read == "first_event",
            most_bytes=MOST_MEDIA_BYTES if media else MOST_SAID_BYTES,
        )

    def fetching(
        self, url: str, *, auth: bool, range_from: int = 0, validator: str = ""
    ) -> Outgoing:
        """A GET of a result, from a byte on if ``validator`` proves that it is the same file."""
        headers = {"Accept-Encoding": "identity"}
        if range_from:
            headers |= {"Range": f"bytes={range_from}-", "If-Range": validator}
        own = self._auth.headers() if auth else {}
        return Outgoing("GET", url, headers=headers, own_headers=own, timeout_s=LOOK_TIMEOUT_S)

    def _texts(self, texts: Mapping[str, str] | None, context: Mapping[str, Any]) -> dict[str, str]:
        found = {name: render_text(text, context) for name, text in (texts or {}).items()}
        return {name: text for name, text in found.items() if text is not None}

    def _url(self, request: Request, context: Mapping[str, Any]) -> str:
        if request.url is not None:
            text = render_text(request.url, context) or ""
        else:
            path = render_text(request.path or "", context) or ""
            if ".." in path.split("?")[0].split("/"):
                raise RejectedInputError(f"'{path}' is no path of a request")
            base = self._hosts[request.host] if request.host is not None else self._base
            text = f"{base.rstrip('/')}/{path.lstrip('/')}"
        try:
            url = httpx.URL(text)
            if not url.host:
                raise TargetError(f"'{text[:200]}' is no URL")
            if request.query is not None:
                url = url.copy_merge_params(form_fields(request.query, context))
        except (httpx.InvalidURL, TypeError) as error:
            raise TargetError(f"'{text[:200]}' is no URL: {error}") from None
        return str(url)


def _sendable(headers: dict[str, str]) -> dict[str, str]:
    """Headers as they are, where each is one line of printable ASCII. Raises RejectedInputError."""
    for name, text in headers.items():
        if not can_be_header(text):
            raise RejectedInputError(
                f"header '{name}' cannot be sent: it holds more than a line of plain characters",
                hint="give long or foreign texts in the body",
            )
    return headers


def can_be_header(text: str) -> bool:
    """Whether a text is one line of printable ASCII, without blanks around it."""
    return text.isascii() and text == text.strip() and (text.isprintable() or not text)


def saved_if_there(request: Request, reply: Reply) -> dict[str, Any]:
    """What a request keeps of its answer for later ones, as far as it is there."""
    body = None if reply.json is MISSING else reply.json
    found = {name: look(path, body) for name, path in request.save.items()}
    found.update(
        (name, reply.headers.get(header.lower())) for name, header in request.save_headers.items()
    )
    return {name: value for name, value in found.items() if value is not None}


def saved(request: Request, reply: Reply) -> dict[str, Any]:
    """The same, where nothing may lack. Raises TargetError."""
    found = saved_if_there(request, reply)
    for name in (*request.save, *request.save_headers):
        if name not in found:
            raise TargetError(f"the answer has no '{name}', which is needed to go on")
    return found


def _own_timeout_s(request: Request) -> float | None:
    # What a poll calls so bounds the whole job.
    return None if "every_s" in type(request).model_fields else request.timeout_s


def _body(
    request: Request, context: Mapping[str, Any]
) -> tuple[bytes | None, str | None, list[tuple[str, Any]] | None]:
    """Content and its type, or the parts of a form."""
    given = request.model_fields_set
    if "json_body" in given:
        value = render(request.json_body, context)
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        except (TypeError, ValueError) as error:
            raise TargetError(
                f"the body of a request is no JSON: {error}",
                hint="a picture needs a form: data_uri, base64, uploaded",
            ) from None
        return text.encode(), "application/json", None
    if request.multipart is not None:
        return None, None, form_fields(request.multipart, context)
    if request.form is not None:
        form = urlencode(form_fields(request.form, context))
        return form.encode(), "application/x-www-form-urlencoded", None
    if request.body is not None:
        value = render(request.body, context)
        if isinstance(value, Media):
            return value.read(), value.media_type, None
        return str(value).encode(), "text/plain; charset=utf-8", None
    return None, None, None
