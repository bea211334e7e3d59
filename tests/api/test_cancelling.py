"""Jobs that go on at a provider after a build was stopped, and are stopped on request."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from asked import Desk
from every_call import Case, one_a_call
from fake import FakeProviders

from fvbuild.cli.main import entry
from fvbuild.engine.purchase import MemoryPurchase, MemoryPurchases
from fvbuild.errors import Exit, Interrupted, TargetError
from fvbuild.project import BuildOptions, Project
from fvbuild.targets.api.cancelling import cancel

CASES = [case for case in one_a_call() if case.described.cancel is not None]


def under_way(desk: Desk, case: Case) -> MemoryPurchase:
    """A job that was accepted, and whose build was stopped then."""
    desk.fake.script(case.served_by, "pending", polls=100_000)
    action = desk.action(case)
    bought = action.purchases
    assert isinstance(bought, MemoryPurchases)
    stopped = replace(action, cancelled=lambda: any(each.job is not None for each in bought.all))
    with pytest.raises(Interrupted):
        desk.ask(case, stopped)
    (purchase,) = bought.all
    return purchase


def cancels(desk: Desk, case: Case) -> int:
    return sum(each["stage"] == "cancel" for each in desk.fake.requests(case.served_by))


def test_every_provider_that_says_how_is_here() -> None:
    assert {case.provider for case in CASES} >= {
        "byteplus", "comfyui", "fal", "google", "luma", "replicate", "runway",
    }  # fmt: skip


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_job_is_stopped(desk: Desk, case: Case, noted: bool) -> None:
    """Also one that an older build began, which did not note its call."""
    purchase = under_way(desk, case)
    assert purchase.job is not None
    before = cancels(desk, case)
    made_by = str(purchase.note["call"]) if noted else ""
    cancel(desk.target(case), case.kind, purchase.id, purchase.job, made_by)
    assert cancels(desk, case) == before + 1


def test_what_the_provider_says_is_told(desk: Desk) -> None:
    case = next(case for case in CASES if case.provider == "replicate")
    purchase = under_way(desk, case)
    body = {"detail": "it is done already"}
    desk.fake.script("replicate", "answer", operation="cancel", status=422, body=body)
    with pytest.raises(TargetError, match="Replicate did not stop it") as caught:
        cancel(desk.target(case), case.kind, purchase.id, purchase.job or {}, "")
    assert "--forget" in (caught.value.hint or "")


def test_a_provider_that_stops_none_says_so(desk: Desk) -> None:
    case = next(case for case in one_a_call() if case.is_job and case.described.cancel is None)
    with pytest.raises(TargetError, match="stops no job"):
        cancel(desk.target(case), case.kind, "0" * 32, {}, case.call)


# --- the command ----------------------------------------------------------------------------------

FILM = """\
film: {title: Stopped, size: 320x180}
targets: {veo: {provider: runway, model: gen4_turbo}}
use: {segment: veo}
shots: [{id: one, action: a keeper climbs, duration: 5s}]
"""
NODE = "main/one/segment"


@pytest.fixture
def film(tmp_path: Path, fake: FakeProviders, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film whose clip is under way, and whose build was stopped."""
    (tmp_path / "film.yaml").write_text(FILM)
    here = {**fake.base_urls()}
    here["runway"] |= {"poll_every_s": 0.05}
    (tmp_path / "fvbuild.yaml").write_text(json.dumps({"providers": here}))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    monkeypatch.chdir(tmp_path)
    fake.script("runway", "pending", polls=100_000)
    stop = threading.Event()
    project = Project.open(tmp_path)
    watch = threading.Thread(target=_stop_once_bought, args=(fake, stop), daemon=True)
    watch.start()
    report = project.build([NODE], BuildOptions(), cancel=stop)
    watch.join()
    assert report.interrupted
    return tmp_path


def _stop_once_bought(fake: FakeProviders, stop: threading.Event) -> None:
    while not any(each["stage"] == "poll" for each in fake.requests("runway")):
        stop.wait(0.05)
    stop.set()


def told(capsys: pytest.CaptureFixture[str]) -> str:
    both = capsys.readouterr()
    return " ".join((both.out + both.err).split())


def test_a_stopped_job_is_paid_for_and_bought_anew(
    film: Path, fake: FakeProviders, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry(["resolve", NODE, "--cancel"]) == 0
    said = told(capsys)
    assert (
        "main/one/segment take 1: veo stops it; 0.25 USD, its likely price, counts as spent" in said
    )
    assert [each["stage"] for each in fake.requests("runway")][-1] == "cancel"
    assert entry(["costs"]) == 0
    assert "0.25 USD" in told(capsys)
    assert entry(["resolve", NODE, "--cancel"]) == Exit.USAGE
    fake.reset()
    assert entry(["build", NODE]) == 0
    assert len(fake.bill()) == 1


def test_as_json(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["resolve", NODE, "--cancel", "--json"]) == 0
    (done,) = json.loads(capsys.readouterr().out)["resolved"]
    assert (done["node"], done["take"]) == (NODE, 1)


def test_one_that_is_not_stopped_is_fetched_by_the_next_build(
    film: Path, fake: FakeProviders, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.script("runway", "server_error", operation="cancel", status=500)
    assert entry(["resolve", NODE, "--cancel"]) == Exit.NODE_FAILED
    assert "did not stop it" in told(capsys)
    assert len(Project.open(film).costs().open) == 1


def test_without_a_job_there_is_nothing_to_stop(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry(["resolve", "--cancel"]) == Exit.USAGE
    assert "no node is named" in told(capsys)
    assert entry(["resolve", "main/one/anchor", "--cancel"]) == Exit.USAGE
    assert entry(["resolve", NODE, "--cancel", "--forget"]) == Exit.USAGE


def test_where_its_target_is_gone_the_way_on_is_told(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (film / "film.yaml").write_text(FILM.replace("veo", "clips"))
    assert entry(["resolve", NODE, "--cancel"]) == Exit.USAGE
    assert "the film has no target 'veo' of runway any more" in told(capsys)
    assert entry(["resolve", NODE, "--forget"]) == 0


def test_an_untrusted_film_stops_nothing(film: Path, fake: FakeProviders) -> None:
    before = len(fake.requests())
    assert entry(["resolve", NODE, "--cancel", "--untrusted"]) == Exit.NODE_FAILED
    assert len(fake.requests()) == before
