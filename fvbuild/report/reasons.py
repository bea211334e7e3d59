"""Says in words why a step has its verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from fvbuild.engine.events import Act, Change, Reason, Step
from fvbuild.report import words
from fvbuild.report.changes import all_changes

Causes: TypeAlias = Callable[[Step], Sequence[tuple[Step, Change]]]
"""The root causes of a step: the steps where a field was changed, and the changes."""

CHANGED = frozenset({Reason.RECIPE_CHANGED, Reason.INPUT_CHANGED, Reason.MODEL_CHANGED})
"""The reasons behind which stands an edit."""

_PLAIN = {
    Reason.UP_TO_DATE: "up to date",
    Reason.NO_TAKE: "not made yet",
    Reason.REQUESTED: "asked for",
    Reason.REJECTED: "its take was rejected",
    Reason.CHECK_FAILED: "its take did not pass a check",
    Reason.ARTIFACT_LOST: "its file is not here",
    Reason.ARTIFACT_CORRUPT: "its file here is damaged",
    Reason.OVER_BUDGET: "over the budget",
}


def plain(reason: Reason) -> str:
    """A reason by itself, without what is known of a step."""
    return _PLAIN.get(reason, reason.replace("_", " "))


def reason(step: Step, roots: Sequence[tuple[Step, Change]] = ()) -> str:
    """Why a step has its verdict, in words. ``roots`` are its root causes, when they are known."""
    if step.action is Act.BLOCKED or step.reason in (
        Reason.UNSUPPORTED,
        Reason.WAITS_FOR_APPROVAL,
        Reason.HELD_APPROVED,
    ):
        return _standing(step, roots)
    found = roots or [(step, change) for change in step.changes]
    if step.action is Act.MAYBE and not step.changes:
        return f"if {words.either(step.because) or 'its input'} comes out different"
    match step.reason:
        case Reason.RECIPE_CHANGED | Reason.MODEL_CHANGED:
            return all_changes(found, step.paths)
        case Reason.INPUT_CHANGED:
            if found:
                return all_changes(found, step.paths)
            return f"made from {words.some(step.because, 2) or words.some(step.paths)}, changed"
        case Reason.UPSTREAM_FAILED:
            return f"needs {words.some(step.because, 2) or 'something'}, which failed"
        case _:
            return step.message or plain(step.reason)


def _standing(step: Step, roots: Sequence[tuple[Step, Change]]) -> str:
    """Why a step is held or blocked."""
    match step.reason:
        case Reason.HELD_APPROVED:
            found = roots or [(step, change) for change in step.changes]
            if found or step.paths:
                return f"approved, so kept although {all_changes(found, step.paths)}"
            return step.message or "approved, so kept although its recipe changed"
        case Reason.WAITS_FOR_APPROVAL:
            return step.message or f"waits for approval of {words.some(step.because, 2)}"
        case _:
            return step.message or plain(step.reason)


def roots_of(step: Step, causes: Causes) -> Sequence[tuple[Step, Change]]:
    """The root causes, where there can be any: finding them may cost as much as the plan."""
    has_causes = step.reason in CHANGED or step.reason is Reason.HELD_APPROVED
    return causes(step) if has_causes and step.action is not Act.MAYBE else ()


def root_place(step: Step, roots: Sequence[tuple[Step, Change]]) -> str:
    """The line to look at: where the cause stands, else where the node does."""
    places = [words.place(root.loc) for root, _changed in roots if root.loc]
    return places[0] if places else words.place(step.loc)
