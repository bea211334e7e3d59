from __future__ import annotations

import json
import time

from syrupy.assertion import SnapshotAssertion
from told_films import causes, long_plan, report, small_plan

from fvbuild.engine.events import Act, Change, Did, Plan, Reason, Report, Result, Step
from fvbuild.report import ending
from fvbuild.report.plan_json import plan_json, report_json
from fvbuild.report.plan_text import plan_text
from fvbuild.report.style import Style

PLAIN = Style(color=False)


def test_plan_as_a_person_reads_it(snapshot: SnapshotAssertion) -> None:
    assert "\n".join(plan_text(small_plan(), PLAIN, causes)) == snapshot


def test_verbose_lists_what_is_reused_too(snapshot: SnapshotAssertion) -> None:
    assert "\n".join(plan_text(small_plan(), PLAIN, causes, verbose=True)) == snapshot


def test_a_plan_of_nothing() -> None:
    done = Plan("Film", None, [Step("cut", "cut", Act.REUSE, Reason.UP_TO_DATE)])
    assert list(plan_text(done, PLAIN, causes))[-1] == "Nothing to do: the one node is up to date."


def test_long_plans_are_told_in_sums(snapshot: SnapshotAssertion) -> None:
    assert "\n".join(plan_text(long_plan(3, 30), PLAIN, causes)) == snapshot


def test_a_plan_of_ten_thousand_shots_is_short_and_quick() -> None:
    plan = long_plan(300, 34)
    asked: list[Step] = []

    def counting(step: Step) -> list[tuple[Step, Change]]:
        asked.append(step)
        return []

    begun = time.process_time()
    lines = list(plan_text(plan, PLAIN, counting))
    assert time.process_time() - begun < 1.0
    assert len(lines) < 20
    assert len(asked) < 20


def test_held_and_blocked_steps_are_named_in_a_long_plan() -> None:
    plan = long_plan(3, 30)
    plan.steps.append(small_plan().steps[5])
    told = "\n".join(plan_text(plan, PLAIN, causes))
    assert "boat/night/anchor  held: approved, so kept although lighting changed" in told


def test_plan_json_is_the_contract() -> None:
    text = "\n".join(plan_json(small_plan()))
    data = json.loads(text)
    assert list(data) == ["version", "film", "profile", "steps", "totals"]
    assert data["version"] == 1
    assert data["steps"][3] == {
        "node": "pier/ticket/segment",
        "kind": "segment",
        "action": "build",
        "reason": "recipe_changed",
        "paths": ["motion"],
        "because": ["pier/ticket/motion"],
        "target": "veo",
        "takes": 2,
        "cost": {"currency": "USD", "min": 0.0, "likely": 1.2, "max": 2.4},
        "loc": "film.yaml:48:7",
    }
    assert list(data["steps"][0]) == list(data["steps"][3])
    assert [type(v) for v in data["steps"][0]["cost"].values()] == [str, float, float, float]
    assert data["totals"] == {
        "reuse": 2,
        "build": 2,
        "maybe": 2,
        "held": 1,
        "blocked": 1,
        "cost": {"currency": "USD", "min": 0.0, "likely": 1.2, "max": 2.4},
    }


def test_plan_json_without_steps() -> None:
    assert json.loads("\n".join(plan_json(Plan("x", None, []))))["steps"] == []


def test_build_json_has_the_same_form_and_what_came_of_it() -> None:
    data = json.loads("\n".join(report_json(report())))
    assert list(data) == ["version", "film", "profile", "steps", "totals"]
    built = data["steps"][1]
    plan_keys = list(json.loads("\n".join(plan_json(small_plan())))["steps"][0])
    assert list(built)[: len(plan_keys)] == plan_keys
    assert (built["action"], built["seconds"], built["take"]) == ("built", 12.346, 1)
    assert built["artifact"] == "b" * 64
    assert built["cost"]["likely"] == 1.2
    assert {step["action"] for step in data["steps"]} == {did.value for did in Did}
    assert data["totals"]["skipped"] == 3
    assert data["totals"]["cost"]["max"] == 1.2


def test_the_ending_says_what_where_and_what_next(snapshot: SnapshotAssertion) -> None:
    told = [*ending.made(report(), PLAIN), *ending.attention(report(), PLAIN, "fvbuild -f ferry")]
    assert "\n".join(told) == snapshot


def test_failures_come_last() -> None:
    told = list(ending.attention(report(), PLAIN))
    assert "hint: reword the action" in told[-1]


def test_what_was_not_made_is_told_in_words() -> None:
    left = [
        Result(
            "a/1/conform", "conform", Did.SKIPPED, Reason.INPUT_CHANGED, because=("a/1/segment",)
        )
    ]
    for interrupted, why in ((True, "the build was stopped"), (False, "input changed")):
        told = list(ending.attention(Report("Film", None, left, interrupted=interrupted), PLAIN))
        assert told == [f"not made: a/1/conform: {why}"]


def test_many_failures_for_one_reason_are_told_once() -> None:
    failed = [
        Result(f"a/{n}/anchor", "anchor", Did.FAILED, Reason.NO_TAKE, message="no paint left")
        for n in range(1000)
    ]
    told = list(ending.attention(Report("Film", None, failed), PLAIN))
    assert told == [
        "failed: 1,000 nodes",
        "  a/0/anchor, a/1/anchor, a/2/anchor and 997 more",
        "    no paint left",
    ]
