"""The fakes go wrong on request, bill what they accept, and keep the bill."""

from __future__ import annotations

import json
import os
import signal
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake import FakeProviders
from taken import download

ASKED: dict[str, Any] = {
    "model": "gen4.5", "promptText": "A pier", "ratio": "1280:720", "duration": 2,
}  # fmt: skip


@pytest.fixture
def runway(fake: FakeProviders) -> Iterator[httpx.Client]:
    key = fake.environment()["RUNWAYML_API_SECRET"]
    headers = {"authorization": f"Bearer {key}", "x-runway-version": "2024-11-06"}
    with httpx.Client(base_url=fake.url("runway"), headers=headers) as client:
        yield client


def submit(client: httpx.Client, **more: Any) -> httpx.Response:
    return client.post("/v1/text_to_video", json={**ASKED, **more})


def result(client: httpx.Client, **more: Any) -> str:
    task = submit(client, **more).json()["id"]
    for _ in range(2):
        ended = client.get(f"/v1/tasks/{task}").json()
    return str(ended["output"][0])


@pytest.mark.parametrize(
    ("kind", "options", "status"),
    [
        ("rate_limit", {}, 429),
        ("server_error", {"status": 502}, 502),
        ("auth", {}, 401),
        ("quota", {}, 400),
        ("answer", {"status": 418, "body": {"error": "tea"}, "headers": {"x-tea": "yes"}}, 418),
    ],
)
def test_nothing_is_billed_that_is_not_accepted(
    runway: httpx.Client, fake: FakeProviders, kind: str, options: dict[str, Any], status: int
) -> None:
    fake.script("runway", kind, times=2, **options)
    answers = [submit(runway) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert "error" in answers[0].json()
    assert len(fake.bill("runway")) == 1
    assert fake.pending_faults() == []


def test_retry_after_is_there_or_not(runway: httpx.Client, fake: FakeProviders) -> None:
    fake.script("runway", "rate_limit", retry_after=3)
    fake.script("runway", "rate_limit")
    assert [submit(runway).headers.get("retry-after") for _ in range(2)] == ["3", None]


@pytest.mark.parametrize(("kind", "billed"), [("hang_up_before", 0), ("hang_up_after", 1)])
def test_hangs_up(runway: httpx.Client, fake: FakeProviders, kind: str, billed: int) -> None:
    fake.script("runway", kind)
    with pytest.raises(httpx.RemoteProtocolError):
        submit(runway)
    assert len(fake.bill("runway")) == billed
    assert len(fake.requests("runway", "submit")) == 1


def test_spoils_answers(runway: httpx.Client, fake: FakeProviders) -> None:
    for kind in ("malformed", "missing_id", "html"):
        fake.script("runway", kind)
    with pytest.raises(json.JSONDecodeError):
        submit(runway).json()
    assert list(submit(runway).json()) == ["estimatedCost"]
    assert submit(runway).headers["content-type"] == "text/html"
    assert len(fake.bill()) == 3


def test_spoils_downloads(runway: httpx.Client, fake: FakeProviders) -> None:
    task = submit(runway).json()["id"]

    def url() -> str:
        runway.get(f"/v1/tasks/{task}")
        return str(runway.get(f"/v1/tasks/{task}").json()["output"][0])

    fake.script("runway", "truncated")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url())
    fake.script("runway", "wrong_media")
    wrong = httpx.get(url())
    assert (wrong.status_code, wrong.headers["content-type"]) == (200, "text/html")
    fake.script("runway", "expired_url")
    expired = url()
    assert [httpx.get(expired).status_code for _ in range(2)] == [403, 403]
    assert httpx.get(url()).status_code == 200


def test_results_take_no_key(runway: httpx.Client, fake: FakeProviders) -> None:
    url = result(runway)
    assert runway.get(url).status_code == 400
    (line,) = [line for line in fake.requests("runway") if line["stage"] == "download"]
    assert "authorization" in line["headers"]


def test_jobs_end_as_scripted(runway: httpx.Client, fake: FakeProviders) -> None:
    fake.script("runway", "refusal", match="blood")
    fake.script("runway", "empty", skip=1)
    fake.script("runway", "lost", skip=3)
    fake.settings(pending_polls=0)
    prompts = ("A pier", "blood", "A pier", "A pier")
    tasks = [submit(runway, promptText=prompt).json()["id"] for prompt in prompts]
    first, refused, empty, lost = [runway.get(f"/v1/tasks/{task}") for task in tasks]
    assert first.json()["status"] == "SUCCEEDED"
    assert refused.json()["failureCode"] == "SAFETY.INPUT.TEXT"
    assert empty.json()["output"] == []
    assert lost.status_code == 404


def test_jobs_take_their_time(runway: httpx.Client, fake: FakeProviders) -> None:
    fake.script("runway", "pending", seconds=0.4)
    task = submit(runway).json()["id"]
    begun = time.monotonic()
    while runway.get(f"/v1/tasks/{task}").json()["status"] != "SUCCEEDED":
        time.sleep(0.02)
    assert 0.3 < time.monotonic() - begun < 20


def test_takes_can_be_told_apart(runway: httpx.Client) -> None:
    takes = [download(result(runway)) for _ in range(2)]
    assert takes[0] != takes[1]
    seeded = [download(result(runway, seed=seed)) for seed in (1, 1, 2)]
    assert seeded[0] == seeded[1] != seeded[2]
    assert download(result(runway, promptText="A bay", seed=1)) != seeded[0]


def test_unknown_faults_are_not_scripted(fake: FakeProviders) -> None:
    for provider, kind, shape, message in (
        ("nobody", "auth", "", "no provider nobody"),
        ("runway", "flood", "", "no fault is called 'flood'"),
        ("runway", "refusal", "1301", "runway refuses by"),
        ("runway", "failure", "1301", "runway fails by"),
        ("comfyui", "refusal", "", "comfyui refuses by"),
    ):
        with pytest.raises(ValueError, match=message):
            fake.script(provider, kind, shape=shape)


def test_every_shape_can_be_scripted(fake: FakeProviders) -> None:
    for provider, shapes in fake.shapes().items():
        for shape in shapes["refusals"]:
            fake.script(provider, "refusal", shape=shape)
        for shape in shapes["failures"]:
            fake.script(provider, "failure", shape=shape)
    every = [
        shape for shapes in fake.shapes().values() for kind in shapes.values() for shape in kind
    ]
    assert len(fake.pending_faults()) == len(every)


def test_the_bill_survives_the_server(tmp_path: Path) -> None:
    path = tmp_path / "bill.jsonl"
    with FakeProviders.spawn(bill=path) as fake:
        key = fake.environment()["ELEVENLABS_API_KEY"]
        url = fake.url("elevenlabs") + "/v1/text-to-speech/abc"
        httpx.post(url, json={"text": "Hi"}, headers={"xi-api-key": key}).raise_for_status()
        (line,) = fake.bill()
        os.kill(fake.pid, signal.SIGKILL)
    assert json.loads(path.read_text()) == line
    with FakeProviders.start(bill=path) as fake:
        assert fake.bill() == [line]


def test_serves_twenty_at_once_quickly(runway: httpx.Client, fake: FakeProviders) -> None:
    task = submit(runway).json()["id"]

    def poll(_: int) -> None:
        with httpx.Client(base_url=fake.url("runway"), headers=runway.headers) as client:
            for _ in range(10):
                client.get(f"/v1/tasks/{task}")

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(poll, range(20)))
    seconds = [line["seconds"] for line in fake.requests("runway", "poll")]
    assert len(seconds) == 200
    assert statistics.median(seconds) < 0.01
