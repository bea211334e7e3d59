"""A provider of no list, on the odd server: jobs that are polled, and answers that come at once."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from odd_server import Got, OddServer, Say, say
from PIL import Image

from fvbuild.engine.action import Action, Money
from fvbuild.engine.purchase import MemoryPurchases
from fvbuild.engine.target import Price
from fvbuild.targets.api.connect import Connection
from fvbuild.targets.api.description import Description
from fvbuild.targets.api.lookup import look
from fvbuild.targets.api.place import Place, ProviderPlace
from fvbuild.targets.api.reply import Reply
from fvbuild.targets.api.results import Answer
from fvbuild.targets.api.secrets import Secrets
from fvbuild.targets.api.waiting import FakeWaiting, Waiting
from fvbuild.targets.api.wanted import Wanted

CANARY = "canary-key-0123456789"

DESCRIPTION: Mapping[str, Any] = {
    "provider": "acme",
    "title": "Acme",
    "base_url": "https://api.acme.example/v1",
    "auth": {
        "secrets": {"key": ["ACME_KEY"]},
        "headers": {"Authorization": "Bearer {{ secrets.key }}"},
    },
    "limits": {"concurrency": 4},
    "outcomes": [
        {"when": {"match": "state == 'done'"}, "then": "done"},
        {
            "when": {"match": "state == 'refused'"},
            "then": "refused",
            "message": "why",
            "flagged": "where",
            "billed": True,
        },
        {"when": {"match": "state == 'failed'"}, "then": "failed", "message": "why"},
        {"when": {"match": "state == 'waiting'"}, "then": "pending"},
        {"when": {"status": 500, "match": "safe"}, "then": "transient"},
        {"when": {"status": 429, "match": "empty"}, "then": "quota"},
    ],
    "uploads": {
        "steps": [
            {
                "method": "POST",
                "path": "/files",
                "multipart": {"file": "{{ media | file }}"},
                "save": {"uri": "uri"},
            }
        ],
        "gives": "{{ saved.uri }}",
    },
    "calls": {
        "job": {
            "submit": {
                "method": "POST",
                "path": "/jobs",
                "json": {
                    "prompt": "{{ prompt }}",
                    "key": "{{ purchase.id }}",
                    "start": "{{ start | uploaded if start else none }}",
                },
            },
            "job": {"id": "id"},
            "poll": {
                "path": "/jobs/{{ job.id }}",
                "every_s": 5,
                "first_s": 2,
                "timeout_s": 600,
                "progress": "percent",
            },
            "result": {"url": "urls"},
            "cancel": {"method": "DELETE", "path": "/jobs/{{ job.id }}"},
        },
        "hop": {
            "submit": {"method": "POST", "path": "/jobs", "json": {}},
            "job": {"id": "id"},
            "poll": {"path": "/jobs/{{ job.id }}", "every_s": 5},
            "fetch": {"path": "/results/{{ answer.file }}"},
            "result": {"url": "url", "auth": True},
        },
        "at_once": {
            "submit": {"method": "POST", "path": "/at-once", "json": {"p": "{{ prompt }}"}},
            "result": {"base64": "image", "url": "url", "text": "text"},
        },
        "bytes": {
            "submit": {"method": "POST", "path": "/bytes", "json": {}, "read": "bytes"},
            "result": {"body": True},
        },
    },
    "models": {"m": {"makes": {"still": "job"}}},
}


def png(size: tuple[int, int] = (64, 48), colour: str = "teal", note: str = "") -> bytes:
    """A small picture, with a text in it where one is asked for."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    if note:
        info.add_text("Comment", note)
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG", pnginfo=info)
    return file.getvalue()


class Acme:
    """The server's side: a bill, jobs that are done after some looks, and scripted surprises.

    ``surprise(got)`` may answer instead; ``bill`` has an entry for each request that was accepted.
    """

    def __init__(self) -> None:
        self.bill: list[Any] = []
        self.looks = 1
        self.surprises: dict[str, list[Callable[[Got], Say] | Say]] = {}
        self.server = OddServer(self._answer)

    def surprise(self, path: str, *answers: Callable[[Got], Say] | Say) -> None:
        """Answer the next requests of a path (its first part) so."""
        self.surprises.setdefault(path, []).extend(answers)

    def _answer(self, got: Got) -> Say:
        first = got.path.split("/")[2].partition("?")[0]
        name = f"{got.method} {first}"
        if self.surprises.get(name):
            answer = self.surprises[name].pop(0)
            return answer(got) if callable(answer) else answer
        return self.plainly(got)

    def plainly(self, got: Got) -> Say:
        """What it answers when it is well."""
        _, _, first, *_rest = got.path.split("/")
        if got.method == "DELETE":
            return say({})
        if first == "files" and got.method == "POST":
            return say({"uri": f"acme://{len(got.body)}"})
        if first == "jobs" and got.method == "POST":
            self.bill.append(got.json)
            return say({"id": f"job-{len(self.bill)}", "seen": 0})
        if first == "jobs":
            seen = sum(g.path == got.path and g.method == "GET" for g in self.server.got)
            if seen <= self.looks:
                return say({"state": "waiting", "percent": 50})
            url = f"{self.server.url}/v1/media/{seen}.png"
            return say({"state": "done", "urls": [url], "file": "f", "cost": 3})
        if first == "results":
            return say({"url": f"{self.server.url}/v1/media/x.png"})
        if first == "at-once":
            import base64

            self.bill.append(got.json)
            return say({"image": base64.b64encode(png()).decode()})
        if first == "bytes":
            self.bill.append({})
            return Say(body=png(), headers={"content-type": "image/png"})
        return Say(body=png(), headers={"content-type": "image/png", "etag": '"1"'})

    def paths(self, method: str = "") -> list[str]:
        """What was asked for, in order."""
        return [f"{g.method} {g.path}" for g in self.server.got if method in ("", g.method)]


class Client:
    """Our side: a connection to an Acme, and takes wanted of it."""

    def __init__(
        self,
        acme: Acme,
        folder: Path,
        waiting: Waiting | None = None,
        changes: Mapping[str, Any] | None = None,
        limits_folder: Path | None = None,
        poll_every_s: float | None = None,
    ) -> None:
        self.acme = acme
        self.folder = folder
        self.waiting = waiting or FakeWaiting()
        self.description = Description.model_validate({**DESCRIPTION, **(changes or {})})
        here = ProviderPlace(base_url=f"{acme.server.url}/v1", poll_every_s=poll_every_s)
        secrets = Secrets({"ACME_KEY": CANARY})
        place = Place(folder, {"acme": here}, limits_folder, secrets)
        self.connection = Connection(self.description, place, waiting=self.waiting)
        self.told: list[tuple[float, str]] = []
        self.purchases = MemoryPurchases(folder)

    def wanted(self, call: str = "job", kind: str = "anchor", **changes: Any) -> Wanted:
        """One take."""
        found = self.description.calls[call]
        context = {"prompt": "a pier", "start": None, **changes.pop("context", {})}
        return Wanted(
            kind=kind,
            call=found,
            rules=(*found.outcomes, *self.description.outcomes),
            context=context,
            model="m",
            **{"price": Price(0.1, 0.2, 0.3), "receipt": receipt, **changes},
        )

    def action(self, cancelled: Callable[[], bool] = lambda: False) -> Action:
        """The action it is for."""
        return Action(
            node="pier/one/anchor",
            kind="anchor",
            params={},
            inputs={},
            folder=self.folder,
            progress=lambda done, note: self.told.append((done, note)),
            cancelled=cancelled,
            purchases=self.purchases,
        )

    def run(self, call: str = "job", **changes: Any) -> Answer:
        """Buy it."""
        return self.connection.run(self.wanted(call, **changes), self.action())

    @property
    def stages(self) -> list[str]:
        """What became of each purchase."""
        return [str(purchase.stage) for purchase in self.purchases.all]


def receipt(reply: Reply) -> Money | None:
    """What an answer says it cost."""
    cost = look("cost", reply.json)
    return Money(float(cost), "credits") if cost is not None else None
