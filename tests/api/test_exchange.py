"""One take from one provider: bought once, waited for, fetched, looked at, and gone on with."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acme import CANARY, Acme, Client, png
from odd_server import Got, Say, say

from fvbuild.engine.action import InputFile, Money
from fvbuild.errors import (
    Interrupted,
    JobFailedError,
    QuotaError,
    RefusedError,
    RejectedInputError,
    TargetError,
    UnauthorisedError,
    UnavailableError,
    UnresolvedError,
)
from fvbuild.targets.api.description_model import PictureLimit
from fvbuild.targets.api.waiting import FakeWaiting, RealWaiting


@pytest.fixture
def acme() -> Iterator[Acme]:
    found = Acme()
    yield found
    found.server.close()


@pytest.fixture
def client(acme: Acme, tmp_path: Path) -> Client:
    return Client(acme, tmp_path)


def test_a_job_is_submitted_polled_and_fetched(acme: Acme, client: Client) -> None:
    acme.looks = 2
    answer = client.run()
    assert answer.path is not None
    assert answer.path.read_bytes() == png()
    assert (answer.media_type, answer.facts) == ("image/png", {"width": 64, "height": 48})
    assert answer.cost == Money(3.0, "credits")
    assert answer.provenance["job"] == {"id": "job-1"}
    assert client.stages == ["received"]
    assert len(acme.bill) == 1
    assert acme.paths()[1:4] == ["GET /v1/jobs/job-1"] * 3
    assert (0.5, "") in client.told
    assert isinstance(client.waiting, FakeWaiting)
    before, after, *rest = client.waiting.waits
    assert before + after == 2
    assert all(4.4 <= wait <= 5.6 for wait in rest[:2])


def test_an_answer_that_is_the_result_needs_no_job(acme: Acme, client: Client) -> None:
    answer = client.run("at_once")
    assert answer.path is not None
    assert answer.path.read_bytes() == png()
    assert client.run("bytes").media_type == "image/png"


def test_text_is_an_answer_too(acme: Acme, client: Client) -> None:
    acme.surprise("POST at-once", say({"text": "A pier at dusk."}))
    assert client.run("at_once", kind="caption").text == "A pier at dusk."


def test_one_more_hop_and_a_result_that_needs_the_key(acme: Acme, client: Client) -> None:
    answer = client.run("hop")
    assert answer.cost == Money(3.0, "credits"), "as the poll said, which was not the last answer"
    assert "GET /v1/results/f" in acme.paths()
    last = acme.server.got[-1]
    assert last.path == "/v1/media/x.png"
    assert last.headers["authorization"] == f"Bearer {CANARY}"


def test_the_key_is_not_sent_with_a_result_that_does_not_ask_for_it(
    acme: Acme, client: Client
) -> None:
    client.run()
    assert "authorization" not in acme.server.got[-1].headers


# --- surely not bought ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "refusal",
    [
        say({}, status=429),
        say({}, status=429, headers={"retry-after": "7"}),
        say({}, status=503),
        say({"safe": True}, status=500),
    ],
)
def test_what_was_surely_not_accepted_is_sent_again(
    acme: Acme, client: Client, refusal: Say
) -> None:
    acme.surprise("POST jobs", refusal, refusal)
    client.run()
    assert client.stages == ["not_accepted", "not_accepted", "received"]
    assert len(acme.bill) == 1


def test_no_purchase_is_open_while_it_waits(acme: Acme, client: Client) -> None:
    """A build that is killed while it waits for a provider has nothing to be decided about."""
    stages: list[list[str]] = []
    sleep = client.waiting.sleep

    def watched(seconds: float, cancelled: Any = lambda: False) -> None:
        stages.append(client.stages)
        sleep(seconds, cancelled)

    client.waiting.sleep = watched  # type: ignore[method-assign]  # only watched
    acme.surprise("POST jobs", say({}, status=429), say({}, status=503))
    client.run()
    assert stages[:2] == [["not_accepted"], ["not_accepted", "not_accepted"]]


def test_a_rest_of_a_day_is_told_by_every_build(acme: Acme, tmp_path: Path) -> None:
    """Those that come after the one which was told it do not sit and wait for it."""
    acme.surprise("POST jobs", say({}, status=429, headers={"retry-after": "86400"}))
    with pytest.raises(UnavailableError):
        Client(acme, tmp_path, limits_folder=tmp_path / "limits").run()
    later = Client(acme, tmp_path, limits_folder=tmp_path / "limits")
    with pytest.raises(UnavailableError, match="left alone for 60 min"):
        later.run()
    assert (later.stages, acme.paths("POST")) == ([], ["POST /v1/jobs"])


def test_a_purchase_that_is_sent_elsewhere_says_where(acme: Acme, client: Client) -> None:
    acme.surprise("POST jobs", say({}, status=307, headers={"location": "https://new.example/"}))
    with pytest.raises(UnavailableError, match=r"307: it is moved to https://new\.example/"):
        client.run()
    assert client.stages == ["not_accepted"]


def test_a_provider_that_is_down_is_given_up(tmp_path: Path) -> None:
    acme = Acme()
    client = Client(acme, tmp_path)
    acme.server.close()
    with pytest.raises(UnavailableError, match="no connection"):
        client.run()
    assert set(client.stages) == {"not_accepted"}


@pytest.mark.parametrize(
    ("answer", "error", "stage"),
    [
        (say({"message": "no such ratio"}, status=400), RejectedInputError, "not_accepted"),
        (say({"message": "who?"}, status=401), UnauthorisedError, "not_accepted"),
        (say({"empty": True}, status=429), QuotaError, "not_accepted"),
        (say({}, status=402), QuotaError, "not_accepted"),
        (say({"state": "refused", "why": "no"}, status=400), RefusedError, "refused"),
        (say({"state": "failed", "why": "no"}), JobFailedError, "failed"),
    ],
)
def test_what_a_submit_may_end_with(
    acme: Acme, client: Client, answer: Say, error: type[TargetError], stage: str
) -> None:
    acme.surprise("POST jobs", answer)
    with pytest.raises(error):
        client.run()
    assert client.stages == [stage]
    assert len(acme.paths("POST")) == 1


# --- nobody knows -----------------------------------------------------------------------------


def billed(acme: Acme, answer: Say) -> Any:
    def handler(got: Got) -> Say:
        acme.plainly(got)
        return answer

    return handler


@pytest.mark.parametrize(
    "answer",
    [
        Say(hang_up=True),
        Say(body=b"{" * 100, cut=5),
        say({}, status=502),
        say({}, status=504),
        say({}, status=303, headers={"location": "/v1/jobs/job-1"}),
        say({"no": "id"}),
        Say(body=b"<html>", headers={"content-type": "text/html"}),
    ],
)
def test_what_may_have_been_bought_is_never_sent_again(
    acme: Acme, client: Client, answer: Say
) -> None:
    acme.surprise("POST jobs", billed(acme, answer))
    for _ in range(2):
        with pytest.raises(UnresolvedError):
            client.run()
    assert client.stages == ["unknown"]
    assert len(acme.bill) == 1


def test_where_one_id_buys_once_it_is_sent_again_under_it(acme: Acme, client: Client) -> None:
    acme.surprise("POST jobs", billed(acme, Say(hang_up=True)), say({}, status=500))
    client.run(resubmit_safe=True)
    assert client.stages == ["received"]
    keys = {got.json["key"] for got in acme.server.got if got.method == "POST"}
    assert keys == {client.purchases.all[0].id}


# --- going on ---------------------------------------------------------------------------------


def test_a_stopped_build_leaves_its_job_to_the_next_one(acme: Acme, tmp_path: Path) -> None:
    client = Client(acme, tmp_path, RealWaiting())
    stopped = threading.Event()
    threading.Timer(0.3, stopped.set).start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        client.connection.run(client.wanted(), client.action(stopped.is_set))
    assert time.monotonic() - began < 0.3 + 1.5, "the job is looked at after two seconds"
    assert client.stages == ["submitted"]
    client.waiting = FakeWaiting()
    again = Client(acme, tmp_path)
    again.purchases = client.purchases
    assert again.run().path is not None
    assert len(acme.bill) == 1


@pytest.mark.parametrize(
    "slow", ["GET jobs", "GET media"], ids=["while it is polled", "while it is fetched"]
)
@pytest.mark.parametrize("how", [{"wait_s": 3.0}, {"drip_s": 1.0}], ids=["silent", "dripping"])
def test_a_slow_answer_does_not_hold_up_a_stopped_build(
    acme: Acme, tmp_path: Path, slow: str, how: dict[str, Any]
) -> None:
    client = Client(acme, tmp_path, RealWaiting(), poll_every_s=0.01)
    acme.surprise(slow, *[Say(body=b"x" * 50, **how)] * 2)
    stopped = threading.Event()
    threading.Timer(0.3, stopped.set).start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        client.connection.run(client.wanted(), client.action(stopped.is_set))
    assert time.monotonic() - began < 0.3 + 2.5, "a silent answer takes three seconds"
    assert client.stages == ["submitted"]


def test_a_purchase_is_not_cut_short_by_a_stop(acme: Acme, tmp_path: Path) -> None:
    client = Client(acme, tmp_path, RealWaiting())
    acme.surprise("POST at-once", lambda got: Say(**{**vars(acme.plainly(got)), "wait_s": 0.5}))
    stopped = threading.Event()
    threading.Timer(0.2, stopped.set).start()
    answer = client.connection.run(client.wanted("at_once"), client.action(stopped.is_set))
    assert answer.path is not None


def test_an_answer_that_was_received_is_asked_for_no_more(acme: Acme, client: Client) -> None:
    first = client.run()
    asked = len(acme.server.got)
    again = client.run()
    assert again == first
    assert len(acme.server.got) == asked


def test_a_synchronous_answer_survives_until_its_picture_is_there(
    acme: Acme, client: Client
) -> None:
    acme.surprise("POST at-once", billed(acme, say({"url": f"{acme.server.url}/v1/media/a.png"})))
    acme.surprise("GET media", *[Say(hang_up=True)] * 100)
    with pytest.raises(UnavailableError):
        client.run("at_once")
    assert client.stages == ["submitted"]
    acme.surprises.clear()
    assert client.run("at_once").path is not None
    assert len(acme.bill) == 1


def test_a_wrong_key_does_not_end_a_job(acme: Acme, client: Client) -> None:
    acme.surprise("GET jobs", say({"message": "who?"}, status=401))
    with pytest.raises(UnauthorisedError):
        client.run()
    assert client.stages == ["submitted"]
    client.run()
    assert len(acme.bill) == 1


def test_a_job_that_takes_too_long_stays_to_be_asked_for(acme: Acme, client: Client) -> None:
    acme.looks = 1000
    with pytest.raises(UnavailableError, match="not done after 600 s"):
        client.run()
    assert client.stages == ["submitted"]


def test_polls_are_patient(acme: Acme, client: Client) -> None:
    acme.surprise(
        "GET jobs",
        *[Say(hang_up=True), say({}, status=502), say({}, status=429), Say(body=b"<html>")] * 3,
    )
    assert client.run().path is not None
    assert len(acme.bill) == 1


@pytest.mark.parametrize(
    ("answer", "error", "stage"),
    [
        ({"state": "refused", "why": "no", "where": "input"}, RefusedError, "refused"),
        ({"state": "failed", "why": "bad luck"}, JobFailedError, "failed"),
    ],
)
def test_what_a_job_may_end_with(
    acme: Acme, client: Client, answer: dict[str, Any], error: type[TargetError], stage: str
) -> None:
    acme.surprise("GET jobs", say(answer))
    with pytest.raises(error) as caught:
        client.run()
    assert client.stages == [stage]
    if isinstance(caught.value, RefusedError):
        assert caught.value.flagged_input
        assert client.purchases.all[0].cost == Money(0.2, "USD")
        assert client.purchases.all[0].estimated, "no receipt said so"
    else:
        assert client.purchases.all[0].cost is None


def test_a_job_of_which_nothing_can_be_asked_says_how_to_give_it_up(
    acme: Acme, client: Client
) -> None:
    acme.surprise("POST jobs", say({"id": "../../bill"}))
    for _ in range(2):
        with pytest.raises(TargetError, match="calls its job makes no request") as caught:
            client.run()
        assert "resolve" in (caught.value.hint or "") and "--forget" in (caught.value.hint or "")
    assert client.stages == ["submitted"]
    assert acme.paths("GET") == []


def test_a_job_that_is_gone_has_failed(acme: Acme, client: Client) -> None:
    acme.surprise("GET jobs", *[say({}, status=404)] * 10)
    with pytest.raises(JobFailedError):
        client.run()
    assert client.stages == ["failed"]
    (purchase,) = client.purchases.all
    assert purchase.cost == Money(0.2, "USD")
    assert purchase.estimated, "it was accepted, and no receipt says that it was free"


def test_a_job_that_is_not_known_everywhere_yet_is_not_given_up(acme: Acme, client: Client) -> None:
    acme.surprise("GET jobs", say({}, status=404), say({}, status=404))
    assert client.run().path is not None
    assert client.stages == ["received"]
    assert len(acme.bill) == 1


def test_done_without_a_result_has_failed(acme: Acme, client: Client) -> None:
    acme.surprise("GET jobs", *[say({"state": "done", "urls": []})] * 5)
    with pytest.raises(JobFailedError, match="no result"):
        client.run()
    assert client.stages == ["failed"]
    assert client.purchases.all[0].cost == Money(0.2, "USD"), "it was made, and likely charged"


def test_a_job_is_cancelled_where_that_is_possible(acme: Acme, client: Client) -> None:
    acme.looks = 1000
    with pytest.raises(UnavailableError):
        client.run()
    wanted, purchase = client.wanted(), client.purchases.all[0]
    assert wanted.call.cancel is not None and purchase.job is not None
    told = client.connection.cancel(wanted.call.cancel, wanted.rules, wanted.context, purchase.job)
    assert told == (True, "")
    assert acme.paths("DELETE") == ["DELETE /v1/jobs/job-1"]


# --- results ----------------------------------------------------------------------------------


def test_a_download_that_breaks_off_goes_on_where_it_did(acme: Acme, client: Client) -> None:
    whole = png()

    def rest(got: Got) -> Say:
        assert got.headers["if-range"] == '"7"'
        begin = int(got.headers["range"].removeprefix("bytes=").rstrip("-"))
        said = f"bytes {begin}-{len(whole) - 1}/{len(whole)}"
        return Say(206, whole[begin:], {"content-range": said, "etag": '"7"'})

    acme.surprise("GET media", Say(body=whole, cut=40, headers={"etag": '"7"'}), rest)
    answer = client.run()
    assert answer.path is not None
    assert answer.path.read_bytes() == whole


def test_a_file_that_changed_meanwhile_is_fetched_anew(acme: Acme, client: Client) -> None:
    acme.surprise("GET media", Say(body=png(colour="red"), cut=40, headers={"etag": '"7"'}))
    answer = client.run()
    assert answer.path is not None
    assert answer.path.read_bytes() == png()


def test_a_result_that_is_gone_is_asked_for_again(acme: Acme, client: Client) -> None:
    acme.surprise("GET media", Say(403))
    assert client.run().path is not None
    media = [path for path in acme.paths() if "media" in path]
    assert media == ["GET /v1/media/2.png", "GET /v1/media/3.png"], "under a fresh address"


@pytest.mark.parametrize(
    "wrong",
    [
        Say(body=b"<html>sorry</html>", headers={"content-type": "text/html"}),
        Say(body=png()[:-30]),
        Say(body=b""),
        Say(body=png((4, 4))),
    ],
)
def test_wrong_media_are_fetched_again_and_then_have_failed(
    acme: Acme, client: Client, wrong: Say
) -> None:
    acme.surprise("GET media", wrong)
    assert client.run().path is not None
    other = Client(acme, client.folder)
    acme.surprise("GET media", *[wrong] * 10)
    with pytest.raises(JobFailedError, match="cannot be used"):
        other.run()
    assert other.stages == ["failed"]


def test_a_result_at_a_private_address_is_not_fetched(acme: Acme, client: Client) -> None:
    secret_url = "https://169.254.169.254/latest/meta-data"
    acme.surprise("GET jobs", say({"state": "done", "urls": [secret_url]}))
    with pytest.raises(JobFailedError, match="not public"):
        client.run()
    assert client.stages == ["failed"]


# --- uploads, limits, secrets -----------------------------------------------------------------


def given_picture(folder: Path) -> InputFile:
    path = folder / "start.png"
    path.write_bytes(png((400, 300)))
    return InputFile("start", "d" * 64, path, "image/png")


def test_a_picture_is_uploaded_once_however_many_want_it(acme: Acme, client: Client) -> None:
    given = given_picture(client.folder)

    def one(number: int) -> None:
        media = client.connection.picture(given, PictureLimit(), client.folder / f"{number}")
        mine = Client(acme, client.folder)
        mine.connection = client.connection
        mine.run(context={"start": media})

    threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert acme.paths("POST").count("POST /v1/files") == 1
    assert len(acme.bill) == 4
    assert {entry["start"][:7] for entry in acme.bill} == {"acme://"}


def test_an_upload_that_fails_buys_nothing(acme: Acme, client: Client) -> None:
    acme.surprise("POST files", say({"message": "too large"}, status=413))
    media = client.connection.picture(
        given_picture(client.folder), PictureLimit(), client.folder / "sent"
    )
    with pytest.raises(RejectedInputError):
        client.run(context={"start": media})
    assert client.stages == []


def test_a_missing_key_buys_nothing_and_names_the_variable(acme: Acme, tmp_path: Path) -> None:
    client = Client(acme, tmp_path)
    client.connection._auth._secrets._environment = {}
    with pytest.raises(UnauthorisedError, match="ACME_KEY is not set"):
        client.run()
    assert client.stages == []
    assert acme.server.got == []


def test_too_many_slows_everybody_down(acme: Acme, client: Client) -> None:
    acme.surprise("POST jobs", say({}, status=429))
    client.run()
    assert client.connection.asking.gate.window < 4


@pytest.mark.parametrize("where", ["POST jobs", "GET jobs", "GET media"])
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
def test_a_server_that_echoes_the_key_has_it_shown_nowhere(
    acme: Acme, tmp_path: Path, where: str, status: int
) -> None:
    def echo(got: Got) -> Say:
        key = f"Bearer {CANARY}"
        body = {"message": f"bad {key}", "error": key, key: key, "id": f"x-{CANARY}", "state": key}
        return say(body, status=status, headers={"x-echo": key, "retry-after": "1"})

    client = Client(acme, tmp_path)
    acme.surprise(where, *[echo] * 200)
    told = ""
    try:
        told = repr(client.run())
    except TargetError as error:
        told = f"{error} {error!r} {error.args} {error.__cause__!r}"
    told += repr(client.told) + repr([vars(p) for p in client.purchases.all])
    assert CANARY not in told
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


def test_a_picture_with_the_key_in_it_is_thrown_away(acme: Acme, client: Client) -> None:
    acme.surprise("GET media", *[Say(body=png(note=CANARY))] * 5)
    with pytest.raises(JobFailedError, match="contains the key"):
        client.run()
    files = [path for path in client.folder.rglob("*") if path.is_file()]
    assert not any(CANARY.encode() in path.read_bytes() for path in files)


def test_an_id_that_holds_the_key_still_finds_its_job(acme: Acme, client: Client) -> None:
    acme.surprise("POST jobs", billed(acme, say({"id": f"job-{CANARY}"})))
    client.run()
    assert f"GET /v1/jobs/job-{CANARY}" in acme.paths()
    assert CANARY not in repr(client.purchases.all[0].job)
