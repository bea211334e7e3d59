"""Answers are judged by ordered rules, then by HTTP; nothing an answer holds can break it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.targets.api.description_outcome import Rule, Stage
from fvbuild.targets.api.load import load, shipped
from fvbuild.targets.api.lookup import look
from fvbuild.targets.api.outcome import classify
from fvbuild.targets.api.reply import Reply


def rule(when: dict[str, Any], then: str = "failed", **more: Any) -> Rule:
    return Rule.model_validate({"when": when, "then": then, **more})


def reply(body: Any = None, status: int = 200, **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, named, b"" if body is None else data, when_s=1_000_000_000.0)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({}, True),
        ({"status": 422}, True),
        ({"status": "4xx"}, True),
        ({"status": "400-421"}, False),
        ({"status": [200, "420-429"]}, True),
        ({"match": "error.code == 'nsfw'"}, True),
        ({"match": "error.count"}, True),
        ({"match": "error.nothing"}, False),
        ({"match": "error.empty"}, False),
        ({"match": "starts_with(error.count, 'x')"}, False),
        ({"missing": "data[0].url"}, True),
        ({"missing": "error.code"}, False),
        ({"text": "FLAG+ED"}, True),
        ({"text": "fine"}, False),
        ({"header": {"Finish-Reason": "filter"}}, True),
        ({"header": {"finish-reason": "^ok$"}}, False),
        ({"header": {"absent": ""}}, False),
        ({"at": ["submit", "poll"]}, True),
        ({"at": ["fetch"]}, False),
        ({"status": 422, "text": "fine"}, False),
    ],
)
def test_when(when: dict[str, Any], holds: bool) -> None:
    body = {"error": {"code": "nsfw", "count": 0, "empty": [], "message": "was flagged"}}
    found = classify([rule(when)], reply(body, 422, finish_reason="CONTENT_FILTERED"), "submit")
    assert found.explicit is holds
    assert found.then == ("failed" if holds else "rejected")


@pytest.mark.parametrize(
    ("status", "at", "then"),
    [
        (200, "submit", "accepted"),
        (202, "submit", "accepted"),
        (200, "poll", "malformed"),
        (200, "fetch", "done"),
        (201, "upload", "done"),
        (401, "submit", "unauthorised"),
        (403, "poll", "unauthorised"),
        (402, "submit", "quota"),
        (404, "poll", "failed"),
        (404, "submit", "rejected"),
        (408, "submit", "transient"),
        (425, "submit", "rate_limited"),
        (429, "poll", "rate_limited"),
        (500, "submit", "transient"),
        (529, "submit", "transient"),
        (418, "submit", "rejected"),
        (302, "submit", "malformed"),
    ],
)
def test_by_status(status: int, at: Stage, then: str) -> None:
    assert classify([], reply({}, status), at).then == then


def test_the_first_rule_that_holds_decides() -> None:
    rules = [rule({"status": 500}, "failed"), rule({}, "pending"), rule({}, "done")]
    assert classify(rules, reply({}), "poll").then == "pending"


def test_a_job_that_is_not_found_has_failed() -> None:
    rules = [rule({"status": [400, 404]}, "rejected"), rule({"match": "bad"}, "rejected")]
    assert classify(rules, reply({}, 404), "submit").then == "rejected"
    assert classify(rules, reply({}, 404), "fetch").then == "rejected"
    assert classify(rules, reply({}, 404), "poll").then == "failed"
    # A job that ended for what it was given says so in its own words.
    assert classify(rules, reply({"bad": True}, 200), "poll").then == "rejected"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "too\n bad\x1b[31m"}}, "too bad [31m"),
        ({"error": "text"}, "text"),
        ({"message": "here"}, "here"),
        ({"detail": [{"msg": "listed"}]}, "listed"),
        ({"detail": "plain"}, "plain"),
        ({"errors": ["one", "two"]}, "one"),
        (b"just words", "just words"),
        (b"<html>page</html>", "HTTP status 400, and no word of why"),
        ({}, "HTTP status 400, and no word of why"),
        ({"error": "x" * 900}, "x" * 497 + "..."),
    ],
)
def test_the_words_of_the_provider(body: Any, message: str) -> None:
    assert classify([], reply(body, 400), "submit").message == message


def test_a_rule_says_where_the_words_are_and_what_was_flagged() -> None:
    body = {"why": "no blood", "stage": "INPUT.IMAGE"}
    found = classify(
        [rule({}, "refused", message="why", flagged="stage", billed=True)], reply(body), "poll"
    )
    assert (found.message, found.flagged_input, found.billed) == ("no blood", True, True)
    output = classify([rule({}, "refused", flagged="output")], reply(body), "poll")
    assert output.flagged == "output"
    assert not output.flagged_input
    assert classify([rule({}, "refused")], reply(body), "poll").flagged is None


@pytest.mark.parametrize(
    ("headers", "wait", "seconds"),
    [
        ({"retry_after": "7"}, None, 7),
        ({"retry_after": "7"}, {"seconds": 60}, 7),
        ({"retry_after_ms": "1500"}, None, 1.5),
        ({"retry_after": "Sun, 09 Sep 2001 01:47:10 GMT"}, None, 30),
        ({"retry_after": "Sun, 09 Sep 2001 01:40:00 GMT"}, None, 0),
        ({"retry_after": "soon"}, None, None),
        ({}, {"seconds": 60}, 60),
        ({}, {"text": r"resets in ~?(\d+)s"}, 30),
        ({}, {"text": "no such words (.*)"}, None),
        ({"x_reset": "12s"}, {"header": "X-Reset"}, 12),
        ({}, "wait.ms", 2.5),
        ({}, "wait", None),
    ],
)
def test_when_to_try_again(headers: dict[str, str], wait: Any, seconds: float | None) -> None:
    body = {"detail": "throttled, resets in ~30s", "wait": {"ms": "2500ms"}}
    more = {} if wait is None else {"retry_after_s": wait}
    found = classify([rule({}, "rate_limited", **more)], reply(body, 429, **headers), "poll")
    assert found.retry_after_s == seconds


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
_KEYS = ("status", "state", "error", "data", "code", "detail", "message", "name", "candidates")


@given(
    name=st.sampled_from(sorted(shipped())),
    body=_JSON | st.dictionaries(st.sampled_from(_KEYS), _JSON),
    status=st.integers(100, 599),
    at=st.sampled_from(["submit", "poll", "fetch", "upload"]),
)
def test_no_answer_breaks_the_rules_of_any_provider(
    name: str, body: Any, status: int, at: Stage
) -> None:
    description = load(name).description
    for call in description.calls.values():
        found = classify([*call.outcomes, *description.outcomes], reply(body, status), at)
        assert len(found.message) <= 500
        assert found.message.isprintable()


@given(st.binary(max_size=200), st.integers(100, 599))
def test_no_bytes_break_it(body: bytes, status: int) -> None:
    assert classify([rule({"match": "a.b", "text": "x"})], Reply(status, {}, body), "poll").then


@pytest.mark.parametrize("code", ["", "1000", None, [], {}, True, 1e400])
def test_what_cannot_be_compared_is_not_found(code: object) -> None:
    assert look("code >= `1000` && code < `2000`", {"code": code}) in (None, False)
