"""From the last answer to a file that lasts: what was bought is written down before it is used."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from fvbuild.engine.action import Money
from fvbuild.engine.digest import Json
from fvbuild.engine.sniff import media_type_of, suffix_of
from fvbuild.errors import JobFailedError, MediaError
from fvbuild.targets.api.decoders import decode
from fvbuild.targets.api.download import HOLDS_KEY, download
from fvbuild.targets.api.lookup import look
from fvbuild.targets.api.reply import MISSING, Reply

if TYPE_CHECKING:
    from fvbuild.targets.api.asking import Asking
    from fvbuild.targets.api.description_result import Result
    from fvbuild.targets.api.secrets import Redactor
    from fvbuild.targets.api.waiting import Cancelled

_KEPT_HEAD, _KEPT_BODY, _RECORD = "answer.json", "answer.body", "record.json"
_FETCHED = "fetched"
_GUESSES = ("application/octet-stream", "text/plain", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a purchase gave: a file in its folder, or text; facts that were measured.

    ``cost`` is by the provider's receipt, None without. ``provenance`` may be kept with the take.
    """

    path: Path | None
    text: str | None
    media_type: str
    facts: Mapping[str, Json] = field(default_factory=dict)
    cost: Money | None = None
    provenance: Mapping[str, Json] = field(default_factory=dict)


def keep(folder: Path, reply: Reply, redactor: Redactor) -> None:
    """Write an answer that cannot be asked for again, so that a killed build has it."""
    body = reply.body if reply.json is MISSING else redactor.raw(reply.body)
    _write(folder / _KEPT_BODY, body)
    head = {"status": reply.status, "headers": redactor.value(dict(reply.headers))}
    _write(folder / _KEPT_HEAD, json.dumps(head).encode())


def kept(folder: Path, redactor: Redactor) -> Reply | None:
    """The answer that :func:`keep` wrote, or None."""
    try:
        head = json.loads((folder / _KEPT_HEAD).read_bytes())
        body = (folder / _KEPT_BODY).read_bytes()
    except (OSError, ValueError):
        return None
    reply = Reply(head["status"], redactor.restore(head["headers"]), body)
    if reply.json is MISSING:
        return reply
    return Reply(reply.status, reply.headers, json.dumps(redactor.restore(reply.json)).encode())


def record(folder: Path, answer: Answer) -> None:
    """Write what a purchase gave, last of all; its file lies in ``folder`` already."""
    cost = answer.cost
    _write(
        folder / _RECORD,
        json.dumps(
            {
                "file": answer.path.name if answer.path is not None else None,
                "text": answer.text,
                "media_type": answer.media_type,
                "facts": dict(answer.facts),
                "cost": [cost.amount, cost.currency] if cost is not None else None,
                "provenance": dict(answer.provenance),
            },
            ensure_ascii=False,
        ).encode(),
    )


def recorded(folder: Path) -> Answer | None:
    """What :func:`record` wrote, or None when it is not there or not whole."""
    try:
        data = json.loads((folder / _RECORD).read_bytes())
        path = folder / data["file"] if data["file"] is not None else None
        if path is not None and not path.is_file():
            return None
        cost = Money(*data["cost"]) if data["cost"] is not None else None
        return Answer(
            path, data["text"], data["media_type"], data["facts"], cost, data["provenance"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Taking:
    """Takes the result out of an answer, and puts it into a folder."""

    def __init__(
        self, asking: Asking, redactor: Redactor, folder: Path, cancelled: Cancelled
    ) -> None:
        self._asking = asking
        self._redactor = redactor
        self._folder = folder
        self._cancelled = cancelled

    def take(self, result: Result, reply: Reply) -> tuple[Path | None, str | None, str] | None:
        """The file or text, and its media type; None when the answer has no result.

        Raises GoneError, MediaError, TargetError, Interrupted.
        """
        body = None if reply.json is MISSING else reply.json
        url = _first_text(look(result.url, body)) if result.url is not None else None
        if url is not None:
            return self._from_url(result, url)
        coded = _first_text(look(result.base64, body)) if result.base64 is not None else None
        if coded is not None:
            return self._file(result, _from_base64(coded), "")
        for source in (result.text, result.json_value):
            found = look(source, body) if source is not None else None
            if found not in (None, "", [], {}):
                text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
                return None, text, "text/plain"
        if result.body and reply.body:
            said = reply.headers.get("content-type", "").partition(";")[0].strip()
            return self._file(result, reply.body, said)
        return None

    def _from_url(self, result: Result, url: str) -> tuple[Path, None, str]:
        if url.startswith("data:"):
            head, _, data = url[5:].partition(",")
            is_coded = head.endswith(";base64")
            bytes_ = _from_base64(data) if is_coded else unquote_to_bytes(data)
            return self._file(result, bytes_, head.partition(";")[0])
        path = self._folder / _FETCHED
        said = download(
            self._asking,
            url,
            path,
            auth=result.auth,
            cancelled=self._cancelled,
            watch=self._redactor.watch,
        )
        if result.decode is not None:
            return self._file(result, path.read_bytes(), said)
        return self._named(result, path, said)

    def _file(self, result: Result, data: bytes, said: str) -> tuple[Path, None, str]:
        path = self._folder / _FETCHED
        if result.decode is not None:
            data, said = decode(result.decode, data), ""
        if not data:
            raise MediaError("the result is empty")
        if self._redactor.watch()(data):
            raise JobFailedError(HOLDS_KEY)
        _write(path, data)
        return self._named(result, path, said)

    def _named(self, result: Result, path: Path, said: str) -> tuple[Path, None, str]:
        """Its type is what its bytes show; where they show none, what was said of it."""
        media_type = media_type_of(path)
        if media_type in _GUESSES:
            media_type = result.media_type or (said if said not in _GUESSES else media_type)
        final = path.with_name(f"made{suffix_of(media_type)}")
        path.replace(final)
        return final, None, media_type


def trimmed(value: Any, longest: int = 400) -> Any:
    """An answer as it is kept with a take: without media, and without what signs its URLs."""
    if isinstance(value, Mapping):
        return {str(key)[:80]: trimmed(inner, longest) for key, inner in value.items()}
    if isinstance(value, list):
        return [trimmed(inner, longest) for inner in value[:20]]
    if isinstance(value, str):
        text = value.partition("?")[0] if value.startswith(("https://", "http://")) else value
        return text if len(text) <= longest else f"{text[:longest]}..."
    return value


def _first_text(value: Any) -> str | None:
    """A text, or the first one in lists of them."""
    return next(_texts(value), None)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _from_base64(text: str) -> bytes:
    """Bytes of base64 in either alphabet, with or without padding, spaces and a data: head."""
    if text.startswith("data:"):
        text = text.partition(",")[2]
    plain = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise MediaError("the result is no base64") from None


def _write(path: Path, data: bytes) -> None:
    """Write a file whole and flushed, or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
