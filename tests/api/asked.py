"""Asks shipped providers at their fakes, without waiting, and keeps what went over the wire."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from every_call import SERVED_BY, Case, description
from fake import FakeProviders, media

from fvbuild.engine.action import Action, InputFile, Outcome
from fvbuild.engine.attempts import Attempts
from fvbuild.engine.graph import Node
from fvbuild.engine.purchase import MemoryPurchases
from fvbuild.engine.target import TargetUse
from fvbuild.targets.api import connect
from fvbuild.targets.api.http import Http, Outgoing
from fvbuild.targets.api.media import Media, Part
from fvbuild.targets.api.place import Place, ProviderPlace
from fvbuild.targets.api.publishing import Publishing
from fvbuild.targets.api.secrets import Secrets
from fvbuild.targets.api.target import ApiTarget, create
from fvbuild.targets.api.waiting import FakeWaiting

_CANVAS = [1280, 720]
_PARAMS: Mapping[str, Mapping[str, Any]] = {
    "segment": {"canvas": _CANVAS, "frames": 48, "negative": "text, logos"},
    "anchor": {"canvas": _CANVAS, "negative": "text, logos"},
    "speech": {"text": "You came back.", "voice": {"id": "Kore"}, "delivery": "dry"}
    | {"language": "en"},
    "effect": {"text": "a ferry horn", "seconds": 2.0},
    "music": {"text": "slow solo cello", "seconds": 4.0},
    "caption": {"action": "she turns", "size": "close-up"}
    | {"characters": [{"look": "woman of 60", "outfit": "oilskin"}], "style": {"preset": "noir"}},
}
_TEXTS = {"caption": "A pier in the mist.", "motion": "She turns slowly."}


@pytest.fixture(scope="session")
def open_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The one desk of all tests."""
    with FakeProviders.start() as fake:
        yield Desk(fake, tmp_path_factory.mktemp("desk"))


@pytest.fixture
def desk(open_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk, cleared; no time passes there but by waiting."""
    open_desk.fake.reset()
    open_desk.waiting = FakeWaiting()
    monkeypatch.setattr(connect, "RealWaiting", lambda: open_desk.waiting)
    return open_desk


class Desk:
    """A place beside the fakes, from which every provider is asked."""

    def __init__(self, fake: FakeProviders, folder: Path) -> None:
        self.fake = fake
        self.folder = folder
        self.waiting = FakeWaiting()
        self._count = 0

    @cached_property
    def urls(self) -> dict[str, dict[str, Any]]:
        return self.fake.base_urls()

    @cached_property
    def keys(self) -> dict[str, str]:
        keys = self.fake.environment()
        return {**keys, "OPENAI_COMPATIBLE_API_KEY": keys["OPENAI_API_KEY"]}

    @cached_property
    def picture(self) -> Path:
        path = self.folder / "given.png"
        path.write_bytes(media.made(media.picture((640, 360))))
        return path

    def place(self, provider: str) -> Place:
        urls = self.urls[SERVED_BY.get(provider, provider)]
        shown = Publishing(self.folder, "https://films.example.org")
        here = ProviderPlace(**urls, requests_per_minute=100_000, publish=shown)
        return Place(self.folder, {provider: here}, None, Secrets(self.keys))

    def target(self, case: Case) -> ApiTarget:
        settings = {"model": case.model, **case.settings}
        if "workflow" in settings:
            path = self.folder / f"workflow-{self._count}.json"
            path.write_text(str(settings["workflow"]))
            settings["workflow"] = path.name
        if case.model not in description(case.provider).models:
            settings["like"] = "*"
        return create("hosted", settings, self.place(case.provider), case.provider)

    def action(self, case: Case) -> Action:
        self._count += 1
        folder = self.folder / f"made-{self._count}"
        folder.mkdir()
        roles = case.roles if case.kind != "segment" else (*case.roles, "motion")
        given = {role: (self._given(role),) for role in roles}
        bought = MemoryPurchases(folder)
        return Action(
            "pier/one/it", case.kind, _PARAMS[case.kind], given, folder, seed=7, purchases=bought
        )

    def _given(self, role: str) -> InputFile:
        digest = hashlib.sha256(role.encode()).hexdigest()
        if role in _TEXTS:
            return InputFile(role, digest, None, "text/plain", _TEXTS[role])
        facts = {"width": 640, "height": 360}
        return InputFile(role, digest, self.picture, "image/png", facts=facts)

    def ask(self, case: Case, action: Action | None = None) -> Outcome:
        """One take by the target alone. Raises what it raises."""
        return self.target(case).make(action or self.action(case))

    def attempt(self, case: Case, action: Action) -> Outcome:
        """One take as the engine attempts it: again, and not again, by its rules."""
        target = self.target(case)
        node = Node(action.node, case.kind, target=TargetUse("hosted", target.identity))
        attempts = Attempts(lambda _: target, None, None, None, lambda _: None)
        return attempts.make(node, "k", action).outcome

    def submits(self, case: Case) -> int:
        return len(self.fake.requests(case.served_by, "submit"))

    # --- what went over the wire ------------------------------------------------------------------

    @contextlib.contextmanager
    def listening(self) -> Iterator[list[Outgoing]]:
        """Every request that goes out meanwhile."""
        sent: list[Outgoing] = []
        plain = Http.open

        def heard(http: Http, wanted: Outgoing) -> Any:
            sent.append(wanted)
            return plain(http, wanted)

        with patch.object(Http, "open", heard):
            yield sent

    def written(self, case: Case, sent: list[Outgoing]) -> list[dict[str, Any]]:
        """Requests for a snapshot: keys, media, and what is new each time, by their names."""
        return [self._written(case, each) for each in sent]

    def _written(self, case: Case, sent: Outgoing) -> dict[str, Any]:
        headers = {**sent.own_headers, **sent.headers}
        told: dict[str, Any] = {"request": f"{sent.method} {self._text(case, sent.url)}"}
        told["headers"] = {name: self._text(case, text) for name, text in headers.items()}
        if sent.multipart is not None:
            told["form"] = [[name, self._value(case, value)] for name, value in sent.multipart]
        elif sent.content is not None:
            told["body"] = self._body(case, sent.content)
        return told

    def _body(self, case: Case, content: bytes) -> Any:
        try:
            return self._value(case, json.loads(content))
        except ValueError:
            return _shown(content)

    def _value(self, case: Case, value: Any) -> Any:
        if isinstance(value, Media):
            return f"{value.filename}: {_shown(value.read())}"
        if isinstance(value, Part):
            return f"{value.filename}: {_shown(value.read())}"
        if isinstance(value, dict):
            return {name: self._value(case, inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(case, inner) for inner in value]
        return self._text(case, value) if isinstance(value, str) else value

    def _text(self, case: Case, text: str) -> str:
        for name, key in self.keys.items():
            text = text.replace(key, f"<{name}>")
        text = re.sub(r"(data:[\w/]+;base64,|^)([A-Za-z0-9+/_=-]{200,})$", _coded, text)
        text = re.sub(r"(Bearer )ey\S+", r"\1<signed token>", text)
        urls = self.urls[case.served_by]
        described = description(case.provider)
        for name, url in {"": urls["base_url"], **urls["hosts"]}.items():
            real = described.hosts.get(name, "") if name else described.base_url
            for there, here in ((url, real), (_origin(url), _origin(real))):
                text = text.replace(there, here or "<host>")
        text = re.sub(r"http://127\.0\.0\.1:(?!8188|11434)\d+", "https://cdn", text)
        text = re.sub(r"[0-9a-f]{64}", "<digest>", text)
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>", text)
        text = re.sub(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", "<id>", text)
        text = re.sub(r"_[0-9a-f]{8}_", "_<id>_", text)
        text = re.sub(r"signature=\d+", "signature=<n>", text)
        text = re.sub(r"(?<=[/=_-])(?=\w*\d)[0-9a-z]{12,}(?![0-9A-Za-z])", "<id>", text)
        return text if len(text) <= 300 else f"{text[:300]}..."


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _coded(found: re.Match[str]) -> str:
    text = found[2].replace("-", "+").replace("_", "/")
    alphabet = "urlsafe " if set("-_") & set(found[2]) else ""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return found[0]
    return f"{found[1]}<{alphabet}base64 of {_shown(content)}>"


def _shown(content: bytes) -> str:
    if content.startswith(b"\x89PNG"):
        width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        return f"a PNG of {width}x{height}"
    return f"{len(content)} bytes that begin with {content[:8]!r}"
