"""What an answer means: a description's ordered rules first, then what HTTP itself says.

Pure: rules and a :class:`Reply` in, a :class:`Verdict` out, alike at every request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from fvbuild.targets.api.description_outcome import Rule, Stage, When, Word
from fvbuild.targets.api.lookup import look, pattern
from fvbuild.targets.api.reply import MISSING, Reply

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json

Then = Word | Literal["accepted", "malformed"]

_MESSAGE_CHARS = 500
_OK = range(200, 300)
_MOVED = range(300, 400)
_LONGEST_WAIT_S = 86_400.0
_SAYS_NOTHING = ("done", "pending", "accepted")
_SAID_IN = (
    "error.message",
    "error",
    "message",
    "detail[0].msg",
    "detail.message",
    "detail",
    "errors[0].message",
    "errors[0]",
    "title",
    "msg",
)
"""Where providers put their words, most exact first."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means, and what to do about it.

    then: a rule's word; ``accepted`` when a submit went well and no rule said more; ``malformed``
    when an answer at poll says nothing that a rule knows.
    message: the provider's words, in one line; a status where it said none.
    flagged: what was found objectionable: ``input``, ``output``, or None where it is not said.
    retry_after_s: how long the provider asks to wait, in seconds. billed: it is charged for.
    explicit: one of the description's own rules said so.
    """

    then: Then
    message: str = ""
    flagged: Literal["input", "output"] | None = None
    retry_after_s: float | None = None
    billed: bool = False
    explicit: bool = False

    @property
    def flagged_input(self) -> bool:
        """True when what was sent was found objectionable: never to be sent again."""
        return self.flagged == "input"


def classify(rules: Iterable[Rule], reply: Reply, at: Stage) -> Verdict:
    """The verdict of the first rule that holds, else of the engine's own."""
    for rule in rules:
        if matches(rule.when, reply, at):
            return Verdict(
                _of_a_job(rule.then, reply.status, at),
                "" if rule.then in _SAYS_NOTHING else _message(reply, rule.message),
                _flagged(rule, reply),
                _retry_after_s(rule, reply),
                rule.billed,
                explicit=True,
            )
    then = _by_status(reply.status, at)
    wait_s = _header_wait_s(reply) if then in ("rate_limited", "transient") else None
    message = "" if then in _SAYS_NOTHING else _message(reply, None)
    return Verdict(then, message, retry_after_s=wait_s)


def _of_a_job(then: Then, status: int, at: Stage) -> Then:
    """What was accepted is no longer wrong: an error of the client's at poll is the job's end."""
    return "failed" if then == "rejected" and at == "poll" and status >= 400 else then


def not_there(reply: Reply, verdict: Verdict) -> bool:
    """Whether a job is not to be found. One that was accepted a moment ago may not be known to all
    of a provider's servers yet, and is paid for: giving it up at once would buy it again."""
    return reply.status == 404 and not verdict.explicit


def matches(when: When, reply: Reply, at: Stage) -> bool:
    """Whether all that a rule asks for is so."""
    if when.at is not None and at not in when.at:
        return False
    if when.status is not None and not _status_fits(when.status, reply.status):
        return False
    for name, text in (when.header or {}).items():
        value = reply.headers.get(name.lower())
        if value is None or not pattern(text).search(value):
            return False
    body = None if reply.json is MISSING else reply.json
    if when.match is not None and not _something(look(when.match, body)):
        return False
    if when.missing is not None and _something(look(when.missing, body)):
        return False
    return when.text is None or pattern(when.text).search(reply.text) is not None


def _status_fits(wanted: str | Sequence[str], status: int) -> bool:
    words = [wanted] if isinstance(wanted, str) else wanted
    return any(status in _statuses(word) for word in words)


@lru_cache(maxsize=256)
def _statuses(word: str) -> range:
    if word.endswith("xx"):
        first = int(word[0]) * 100
        return range(first, first + 100)
    low, _, high = word.partition("-")
    return range(int(low), int(high or low) + 1)


def _something(value: Any) -> bool:
    """Truth as JMESPath has it: zero is something, null, false and what is empty are not."""
    return value is not None and value is not False and value not in ("", [], {})


_STATUS_WORDS: dict[int, Then] = {
    401: "unauthorised",
    402: "quota",
    403: "unauthorised",
    408: "transient",
    425: "rate_limited",
    429: "rate_limited",
}


def _by_status(status: int, at: Stage) -> Then:
    if status in _OK:
        return {"submit": "accepted", "poll": "malformed"}.get(at, "done")  # type: ignore[return-value]  # words of Then
    if status == 404 and at == "poll":
        return "failed"
    if status in _STATUS_WORDS:
        return _STATUS_WORDS[status]
    if status >= 500:
        return "transient"
    return "rejected" if status >= 400 else "malformed"


def _message(reply: Reply, path: str | None) -> str:
    body: Json = None if reply.json is MISSING else reply.json  # type: ignore[assignment]  # MISSING is the only one
    said = [path] if path is not None else []
    for each in [*said, *_SAID_IN]:
        found = look(each, body)
        if isinstance(found, str) and found.strip():
            return _in_one_line(found)
    if body is None and reply.text.strip() and "<" not in reply.text[:100]:
        return _in_one_line(reply.text)
    if where := reply.headers.get("location", "") if reply.status in _MOVED else "":
        return _in_one_line(f"HTTP status {reply.status}: it is moved to {where}")
    return f"HTTP status {reply.status}, and no word of why"


def _in_one_line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:4000]).split())
    return line if len(line) <= _MESSAGE_CHARS else line[: _MESSAGE_CHARS - 3] + "..."


def _flagged(rule: Rule, reply: Reply) -> Literal["input", "output"] | None:
    if rule.flagged is None:
        return None
    said = rule.flagged
    if said not in ("input", "output"):
        body = None if reply.json is MISSING else reply.json
        found = look(said, body)
        said = str(found).lower() if _something(found) else ""
    return "input" if "input" in said else "output" if "output" in said else None


def _retry_after_s(rule: Rule, reply: Reply) -> float | None:
    by_header = _header_wait_s(reply)
    wait = rule.retry_after_s
    if by_header is not None or wait is None:
        return by_header
    if isinstance(wait, str):
        return _seconds(look(wait, None if reply.json is MISSING else reply.json))
    found: Any = wait.seconds
    if found is None and wait.header is not None:
        found = reply.headers.get(wait.header.lower())
    if found is None and wait.text is not None:
        match = pattern(wait.text).search(reply.text)
        found = match[1] if match is not None and match.re.groups else None
    return _seconds(found)


def _header_wait_s(reply: Reply) -> float | None:
    """``Retry-After`` as seconds, whether it is a number or a date; its sister in milliseconds."""
    in_ms = _seconds(reply.headers.get("retry-after-ms"))
    if in_ms is not None:
        return in_ms / 1000
    written = reply.headers.get("retry-after")
    if written is None:
        return None
    seconds = _seconds(written)
    if seconds is not None:
        return seconds
    try:
        at = parsedate_to_datetime(written).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(0.0, at - reply.when_s), _LONGEST_WAIT_S)


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    found = re.match(r"\s*(\d+(?:\.\d+)?)\s*(ms|s)?\s*$", str(value))
    if found is None:
        return None
    seconds = float(found[1]) / (1000 if found[2] == "ms" else 1)
    return min(seconds, _LONGEST_WAIT_S)
