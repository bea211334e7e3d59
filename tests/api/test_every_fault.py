"""Every call of every shipped provider while its fake goes wrong: nothing is bought twice.

What may come of a fault follows from three things: whether the call is a job that is asked for,
whether it may be sent again under the same id, and when it went wrong.
"""

from __future__ import annotations

from typing import Any

import pytest
from asked import Desk
from every_call import Case, one_a_call

from fvbuild.engine.action import Action
from fvbuild.engine.purchase import MemoryPurchases
from fvbuild.errors import (
    FilmBuildError,
    JobFailedError,
    QuotaError,
    RefusedError,
    RejectedInputError,
    TargetError,
    UnauthorisedError,
    UnresolvedError,
)

CASES = one_a_call()
JOBS = [case for case in CASES if case.is_job]
Ending = type[FilmBuildError] | None


def stages(action: Action) -> list[str]:
    assert isinstance(action.purchases, MemoryPurchases)
    return [each.stage.value for each in action.purchases.all]


def bought(desk: Desk, case: Case) -> set[str]:
    """The jobs on the bill; what was given back is still one of them."""
    return {line["job"] for line in desk.fake.bill(case.served_by)}


def ending(desk: Desk, case: Case, action: Action) -> FilmBuildError | None:
    """How a take ends at the target; None: it was made. No ending is a fault of the program's."""
    try:
        outcome = desk.ask(case, action)
    except FilmBuildError as error:
        assert "bug in fvbuild" not in (error.hint or ""), error
        return error
    assert outcome.outputs[0].path or outcome.outputs[0].text
    return None


def meets(desk: Desk, case: Case, kind: str, *endings: Ending, **options: Any) -> Action:
    """Let a call meet a fault; it must end in one of these ways, and be bought once at most."""
    desk.fake.script(case.served_by, kind, **options)
    action = desk.action(case)
    error = ending(desk, case, action)
    assert (None if error is None else type(error)) in endings, (error, stages(action))
    assert desk.fake.pending_faults() == []
    assert len(bought(desk, case)) <= 1
    assert (error is None) == (stages(action)[-1] == "received")
    return action


# --- what passes ----------------------------------------------------------------------------------

AT_POLL = ("server_error", "rate_limit", "hang_up_before", "malformed", "html")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_passes_is_waited_for_and_bought_once(desk: Desk, case: Case) -> None:
    """Too many requests, with and without a word of how long; polls that go wrong; spoilt files."""
    desk.fake.script(case.served_by, "rate_limit", retry_after=17)
    desk.fake.script(case.served_by, "rate_limit")
    desk.fake.script(case.served_by, "server_error")
    for kind in AT_POLL if case.is_job else ():
        desk.fake.script(case.served_by, kind, operation="poll")
    result = case.described.result
    spoilt = ("truncated", "wrong_media") if case.is_job and result.url else ()
    for kind in (*spoilt, "expired_url") if spoilt and not result.auth else spoilt:
        desk.fake.script(case.served_by, kind, operation="download")
    action = desk.action(case)
    error = ending(desk, case, action)
    assert error is None
    assert desk.fake.pending_faults() == []
    assert stages(action)[-1] == "received"
    assert len(bought(desk, case)) == 1
    assert desk.submits(case) == 4
    assert any(17 <= wait < 21 for wait in desk.waiting.waits), "as long as it says"


# --- surely not bought ----------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_quota_and_a_wrong_key_buy_nothing(desk: Desk, case: Case) -> None:
    for kind, error in (("quota", QuotaError), ("auth", UnauthorisedError)):
        if case.provider == "comfyui":
            continue
        action = meets(desk, case, kind, error)
        assert stages(action) == ["not_accepted"]
        assert desk.fake.bill(case.served_by) == []


# --- nobody knows ---------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("kind", ["hang_up_before", "hang_up_after"])
def test_a_lost_answer_is_sent_for_again_only_where_it_buys_once(
    desk: Desk, case: Case, kind: str
) -> None:
    action = meets(desk, case, kind, None if case.buys_once else UnresolvedError)
    if not case.buys_once:
        assert stages(action) == ["unknown"]
        with pytest.raises(UnresolvedError):
            desk.ask(case, action)
        assert desk.submits(case) == 1


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("kind", ["malformed", "missing_id", "html"])
def test_an_answer_that_cannot_be_read_is_never_sent_for_again(
    desk: Desk, case: Case, kind: str
) -> None:
    """The id is ours where it buys once; an answer at once is the result, or of no use."""
    if case.buys_once:
        allowed: tuple[Ending, ...] = (None, UnresolvedError)
    elif case.is_job:
        whole = kind == "missing_id" and case.call == "interaction"  # its fake takes no id out
        allowed = (None,) if whole else (UnresolvedError,)
    else:
        # Half a sound is a sound; and the first event of a stream is whole.
        allowed = (JobFailedError,) if kind == "html" else (JobFailedError, None)
    meets(desk, case, kind, *allowed)
    assert len(bought(desk, case)) == 1
    assert desk.submits(case) == 1


# --- of jobs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", JOBS, ids=str)
def test_a_job_that_is_gone_has_failed(desk: Desk, case: Case) -> None:
    if case.provider == "comfyui":
        return  # it knows no difference between what waits and what it never heard of
    action = meets(desk, case, "lost", JobFailedError)
    assert stages(action) == ["failed"]


@pytest.mark.parametrize("case", JOBS, ids=str)
def test_a_failed_job_is_over(desk: Desk, case: Case) -> None:
    """Its purchase is closed, whatever the words for it: no later build asks for it again."""
    for shape in desk.fake.shapes()[case.served_by]["failures"]:
        if case.provider == "google" and shape in ("OTHER", "NO_IMAGE", "IMAGE_OTHER"):
            continue  # words of answers that come at once
        desk.fake.reset()
        errors = (JobFailedError, RejectedInputError, QuotaError)
        action = meets(desk, case, "failure", *errors, shape=shape)
        assert stages(action) == ["failed"], shape


@pytest.mark.parametrize("case", CASES, ids=str)
def test_success_without_a_result_has_failed(desk: Desk, case: Case) -> None:
    desk.fake.script(case.served_by, "empty")
    action = desk.action(case)
    error = ending(desk, case, action)
    if desk.fake.pending_faults():
        pytest.skip("its fake always has something to say")
    assert isinstance(error, JobFailedError | RejectedInputError), error
    assert stages(action) == ["failed"]


# --- answers that are the result ------------------------------------------------------------------


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_job], ids=str)
@pytest.mark.parametrize("kind", ["truncated", "wrong_media"])
def test_a_spoilt_answer_is_never_bought_again(desk: Desk, case: Case, kind: str) -> None:
    desk.fake.script(case.served_by, kind)
    action = desk.action(case)
    error = ending(desk, case, action)
    if desk.fake.pending_faults():
        return  # it is a text
    assert error is None or isinstance(error, JobFailedError | UnresolvedError), error
    assert stages(action) == ["received" if error is None else stages(action)[-1]]
    assert len(bought(desk, case)) == 1
    assert desk.submits(case) == 1


# --- refusals -------------------------------------------------------------------------------------

FLAGGED = (
    "SAFETY.INPUT.IMAGE",
    "InputImageSensitiveContentDetected",
    "flagged_picture",
    "InputImageSensitiveContentDetected.PrivacyInformation",
)
"""Shapes that say a picture which was sent is what is objected to."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_refusal_is_tried_once_more_and_a_flagged_picture_never(desk: Desk, case: Case) -> None:
    """By the engine's own rule; in other words and elsewhere are proved with the engine."""
    seen, operation = 0, ""
    for shape in desk.fake.shapes()[case.served_by]["refusals"]:
        if operation and ":" in shape and not operation.startswith(shape.partition(":")[0]):
            continue
        desk.fake.reset()
        desk.fake.script(case.served_by, "refusal", shape=shape, times=9)
        action = desk.action(case)
        try:
            desk.attempt(case, action)
        except RefusedError as refusal:
            flagged = refusal.flagged_input
        except TargetError as error:
            raise AssertionError(f"{shape}: {type(error).__name__}: {error}") from error
        else:
            assert desk.fake.pending_faults()[0]["times"] == 9, shape
            continue
        finally:
            operation = desk.fake.requests(case.served_by, "submit")[0]["operation"]
        seen += 1
        assert flagged == (shape in FLAGGED), shape
        assert desk.submits(case) == (1 if flagged else 2), shape
        assert stages(action) == ["refused"] * desk.submits(case), shape
        assert len(bought(desk, case)) in (0, desk.submits(case)), shape
    assert seen or not desk.fake.shapes()[case.served_by]["refusals"]
