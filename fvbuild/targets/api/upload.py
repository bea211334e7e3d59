"""Uploading media: a description's chain of requests, run once for each file's content."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fvbuild.engine.digest import content_of_file
from fvbuild.errors import JobFailedError, TargetError, UnavailableError
from fvbuild.targets.api.lookup import look
from fvbuild.targets.api.reply import MISSING
from fvbuild.targets.api.requests import MAKE_TIMEOUT_S, saved
from fvbuild.targets.api.values import render_text
from fvbuild.targets.api.waiting import Cancelled, never

if TYPE_CHECKING:
    from fvbuild.targets.api.asking import Asking
    from fvbuild.targets.api.description_call import Step, Uploads
    from fvbuild.targets.api.description_outcome import Rule
    from fvbuild.targets.api.media import Media

# Providers keep uploads for a day or two; a build that lasts longer than this uploads again.
_KEPT_S = 3600.0


class Uploader:
    """What was uploaded to one provider by this process, by content."""

    def __init__(self, asking: Asking, uploads: Uploads | None, rules: Sequence[Rule]) -> None:
        self._asking = asking
        self._uploads = uploads
        self._rules = rules
        self._guard = threading.Lock()
        self._doing: dict[str, threading.Lock] = {}
        self._done: dict[str, tuple[float, str]] = {}

    def upload(self, media: Media, known: Mapping[str, Any], cancelled: Cancelled = never) -> str:
        """What stands for the file in requests. Equal files are uploaded once, whoever asks.

        ``known`` are the ``settings`` and ``model`` of the call that it is for.

        Raises TargetError, and Interrupted.
        """
        if self._uploads is None:
            raise TargetError(
                f"the description of {self._asking.title} has no 'uploads'",
                hint="send the picture as data_uri, base64 or file, or describe the upload",
            )
        digest = media.digest or content_of_file(media.path)
        name = f"{digest} {media.filename}"
        with self._guard:
            doing = self._doing.setdefault(name, threading.Lock())
        with doing:
            now_s = self._asking.waiting.ticks_s()
            at_s, given = self._done.get(name, (-_KEPT_S, ""))
            if now_s - at_s < _KEPT_S and given:
                return given
            given = self._run(self._uploads, media, known, cancelled)
            self._done[name] = (now_s, given)
            return given

    def _run(
        self, uploads: Uploads, media: Media, known: Mapping[str, Any], cancelled: Cancelled
    ) -> str:
        context: dict[str, Any] = {**known, "media": media, "saved": {}, "answer": {}}
        for step in uploads.steps:
            context["answer"] = self._step(step, context, cancelled)
        given = render_text(uploads.gives, context)
        if not given:
            raise TargetError(f"the upload to {self._asking.title} gives nothing")
        return given

    def _step(self, step: Step, context: dict[str, Any], cancelled: Cancelled) -> Any:
        ends_s = self._asking.waiting.ticks_s() + (step.repeat.give_up_s if step.repeat else 0)
        while True:
            reply, verdict = self._asking.ask(
                step, context, self._rules, "upload", cancelled=cancelled, timeout_s=MAKE_TIMEOUT_S
            )
            if verdict.then not in ("done", "pending", "accepted"):
                raise self._asking.error(verdict)
            body = {} if reply.json is MISSING else reply.json
            if step.repeat is None or look(step.repeat.until, body):
                context["saved"] = {**context["saved"], **saved(step, reply)}
                return body
            if step.repeat.fails is not None and look(step.repeat.fails, body):
                raise JobFailedError(f"{self._asking.title} cannot use an uploaded picture")
            if self._asking.waiting.ticks_s() > ends_s:
                raise UnavailableError(f"{self._asking.title} does not get an upload ready")
            self._asking.waiting.sleep(step.repeat.every_s, cancelled)
