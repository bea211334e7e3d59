"""Strict looks at what a request brings; a complaint is an answer in the provider's own words."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn

from .wire import Body, Part, Response

_MAGIC = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
_DATA_URI = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,(.*)", re.DOTALL)
_DOMAIN = re.compile(r"https://(?=[^/]*[a-zA-Z])([\w-]+\.)+[a-zA-Z]{2,}(:\d+)?(/|\?|$)")
_FAKE = re.compile(r"http://127\.0\.0\.1:\d+/")


class Answered(Exception):
    """Ends the handling of a request with this answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


Complain = Callable[[str, str], Response]
"""(field, message) -> the provider's answer to a request with that fault."""


class Fields:
    """The members of one JSON object (or form), read with their rules.

    Every reader returns None for a member that is absent or null, unless it is `required`.
    """

    def __init__(self, values: Body, complain: Complain, path: str = "") -> None:
        self._complain = complain
        self._path = path
        if not isinstance(values, dict):
            self.reject("", "must be an object")
        self.values: Mapping[str, Any] = values

    def reject(self, name: str, message: str) -> NoReturn:
        """Answer that this member is at fault."""
        raise Answered(
            self._complain(".".join(filter(None, (self._path, name))) or "body", message)
        )

    def known(self, *names: str) -> Fields:
        """Answer with a fault when there is a member by another name."""
        for name in self.values:
            if name not in names:
                self.reject(name, "unknown parameter")
        return self

    def get(self, name: str, *, required: bool = False) -> Any:
        """A member of any type."""
        value = self.values.get(name)
        if value is None and required:
            self.reject(name, "is required")
        return value

    def _typed(self, name: str, kind: type, words: str, required: bool) -> Any:
        value = self.get(name, required=required)
        wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        if value is not None and wrong:
            self.reject(name, f"must be {words}, is {type(value).__name__}")
        return value

    def text(self, name: str, *, required: bool = False, most: int | None = None) -> str:
        """A string of at most `most` UTF-16 units, "" where there is none."""
        value: str = self._typed(name, str, "a string", required) or ""
        if required and not value.strip():
            self.reject(name, "must not be empty")
        if most is not None and len(value.encode("utf-16-le")) // 2 > most:
            self.reject(name, f"must be at most {most} characters")
        return value

    def one_of(self, name: str, allowed: Collection[Any], *, required: bool = False) -> Any:
        """A member that must be one of these values, of the same type."""
        value = self.get(name, required=required)
        if value is None:
            return None
        if not any(value == choice and type(value) is type(choice) for choice in allowed):
            self.reject(name, f"{value!r} is not one of {', '.join(map(repr, allowed))}")
        return value

    def integer(
        self, name: str, low: int | None = None, high: int | None = None, *, required: bool = False
    ) -> int | None:
        """A whole number between `low` and `high`, both allowed."""
        value: int | None = self._typed(name, int, "an integer", required)
        self._within(name, value, low, high)
        return value

    def number(
        self, name: str, low: float | None = None, high: float | None = None
    ) -> float | None:
        """A number between `low` and `high`, both allowed."""
        value = self.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            self.reject(name, f"must be a number, is {type(value).__name__}")
        self._within(name, value, low, high)
        return None if value is None else float(value)

    def _within(
        self, name: str, value: float | None, low: float | None, high: float | None
    ) -> None:
        if value is not None and (
            (low is not None and value < low) or (high is not None and value > high)
        ):
            self.reject(name, f"must be between {low} and {high}")

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value: bool | None = self._typed(name, bool, "a boolean", False)
        return value

    def items(self, name: str, *, required: bool = False, most: int | None = None) -> list[Any]:
        """A list, [] where there is none."""
        value: list[Any] = self._typed(name, list, "a list", required) or []
        if required and not value:
            self.reject(name, "must not be empty")
        if most is not None and len(value) > most:
            self.reject(name, f"must have at most {most} items")
        return value

    def objects(
        self, name: str, *, required: bool = False, most: int | None = None
    ) -> list[Fields]:
        """A list of objects."""
        items = self.items(name, required=required, most=most)
        return [Fields(item, self._complain, f"{name}.{n}") for n, item in enumerate(items)]

    def object(self, name: str, *, required: bool = False) -> Fields:
        """An object; an empty one where there is none."""
        value = self._typed(name, dict, "an object", required) or {}
        return Fields(value, self._complain, ".".join(filter(None, (self._path, name))))

    def media_ref(
        self,
        name: str,
        *,
        required: bool = False,
        data_uri: bool = True,
        url: bool = True,
        plain_base64: bool = False,
        own_scheme: str = "",
        most_bytes: int = 50_000_000,
    ) -> str | None:
        """A string that brings media in one of the ways allowed.

        A URL is https on a domain, or one of this fake's own (an upload, an earlier result).
        """
        value: str | None = self._typed(name, str, "a string", required)
        if value is None:
            return None
        if own_scheme and value.startswith(own_scheme):
            return value
        if value.startswith("data:"):
            if not data_uri:
                self.reject(name, "data URIs are not supported")
            self._check_data_uri(name, value, most_bytes)
        elif re.match(r"\w+:", value):
            if not url or not (_DOMAIN.match(value) or _FAKE.match(value)):
                self.reject(
                    name, "must be an https URL on a domain" if url else "URLs are not supported"
                )
        elif plain_base64:
            self.base64_media(name, most_bytes=most_bytes)
        else:
            self.reject(name, "is neither a URL nor a data URI")
        return value

    def _check_data_uri(self, name: str, value: str, most_bytes: int) -> None:
        found = _DATA_URI.fullmatch(value)
        if found is None:
            self.reject(name, "is not a data URI with a media type and base64")
        try:
            content = base64.b64decode(found[2], validate=True)
        except binascii.Error:
            self.reject(name, "is not valid base64")
        if len(content) > most_bytes:
            self.reject(name, f"is larger than {most_bytes} bytes")
        self._check_magic(name, found[1], content)

    def base64_media(
        self,
        name: str,
        media_type: str | None = None,
        *,
        required: bool = True,
        url_safe: bool = False,
        most_bytes: int = 50_000_000,
    ) -> bytes | None:
        """Bytes in base64 without a prefix; `url_safe`: the other alphabet is allowed too."""
        value: str | None = self._typed(name, str, "a string", required)
        if value is None:
            return None
        if value.startswith("data:"):
            self.reject(name, "must be base64 without a data: prefix")
        plain = value.replace("-", "+").replace("_", "/") if url_safe else value
        try:
            content = base64.b64decode(plain, validate=True)
        except (binascii.Error, ValueError):
            self.reject(name, "is not valid base64")
        if len(content) > most_bytes:
            self.reject(name, f"is larger than {most_bytes} bytes")
        if media_type is None and not content.startswith(tuple(_MAGIC.values())):
            self.reject(name, "is not a picture")
        self._check_magic(name, media_type or "", content)
        return content

    def _check_magic(self, name: str, media_type: str, content: bytes) -> None:
        magic = _MAGIC.get(media_type)
        if magic is not None and not content.startswith(magic):
            self.reject(name, f"is not {media_type}")


def check_picture_part(part: Part, fields: Fields, allowed: Collection[str]) -> None:
    """Answer with a fault unless this part is a file of one of these media types."""
    if part.filename is None:
        fields.reject(part.name, "must be a file")
    if part.media_type not in allowed:
        fields.reject(
            part.name, f"has media type {part.media_type}, must be one of {sorted(allowed)}"
        )
    if not part.content.startswith(_MAGIC.get(part.media_type, b"")):
        fields.reject(part.name, f"is not {part.media_type}")
