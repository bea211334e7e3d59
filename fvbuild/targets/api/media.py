"""Media on their way to a provider: one file, and the forms in which requests carry it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fvbuild.engine.sniff import suffix_of
from fvbuild.errors import RejectedInputError, TargetError


@dataclass(frozen=True, slots=True)
class Part:
    """A file in a multipart form."""

    filename: str
    media_type: str
    path: Path = field(repr=False)

    def read(self) -> bytes:
        """Its bytes."""
        return self.path.read_bytes()


def _no_upload(_media: Media) -> str:
    raise TargetError(
        "this provider's description has no 'uploads'",
        hint="send the picture as data_uri, base64 or file, or describe the upload",
    )


@dataclass(frozen=True, slots=True)
class Media:
    """One input file as templates see it: ``{{ start | data_uri }}``, ``{{ start.media_type }}``.

    ``digest`` names its content; uploads are remembered by it. ``public`` is an address where
    everybody can fetch it, for the rare input that has one; ``publish`` gives it one.
    """

    path: Path = field(repr=False)  # where it lies is nothing for a template that prints it
    media_type: str
    digest: str = ""
    name: str = ""
    width: int | None = None
    height: int | None = None
    public: str | None = None
    publish: Callable[[Media], str] | None = field(default=None, compare=False, repr=False)
    upload: Callable[[Media], str] = field(default=_no_upload, compare=False, repr=False)

    @property
    def filename(self) -> str:
        """A plain file name, which tells a server nothing about the film."""
        return self.name or f"{self.digest[:12] or 'input'}{suffix_of(self.media_type)}"

    @property
    def size_bytes(self) -> int:
        """Its length."""
        return self.path.stat().st_size

    def read(self) -> bytes:
        """Its bytes."""
        return self.path.read_bytes()

    def base64(self) -> str:
        """Standard base64 without a prefix."""
        return base64.b64encode(self.read()).decode("ascii")

    def base64url(self) -> str:
        """URL-safe base64 without a prefix, padded."""
        return base64.urlsafe_b64encode(self.read()).decode("ascii")

    def data_uri(self) -> str:
        """``data:image/png;base64,...``."""
        return f"data:{self.media_type};base64,{self.base64()}"

    def part(self, filename: str | None = None) -> Part:
        """A file part of a multipart form."""
        return Part(filename or self.filename, self.media_type, self.path)

    def uploaded(self) -> str:
        """What the provider's upload gives for it; uploaded at most once a build."""
        return self.upload(self)

    def url(self) -> str:
        """Its public address. Raises RejectedInputError where it has none."""
        if self.public is not None:
            return self.public
        if self.publish is None:
            raise RejectedInputError(
                "this provider takes pictures by public address only, and this one has none",
                hint="say in fvbuild.yaml where pictures may be shown: "
                "`publish: {folder: /srv/films, url: https://films.example.org}`",
            )
        return self.publish(self)


def _as_media(value: Any, form: str) -> Media:
    if not isinstance(value, Media):
        raise TargetError(f"'{form}' is for media, not for {type(value).__name__}")
    return value


FILTERS: Final[Mapping[str, Callable[..., object]]] = {
    "data_uri": lambda media: _as_media(media, "data_uri").data_uri(),
    "base64": lambda media: _as_media(media, "base64").base64(),
    "base64url": lambda media: _as_media(media, "base64url").base64url(),
    "file": lambda media, filename=None: _as_media(media, "file").part(filename),
    "uploaded": lambda media: _as_media(media, "uploaded").uploaded(),
    "url": lambda media: _as_media(media, "url").url(),
}
"""The forms of a medium as filters of the description language."""
