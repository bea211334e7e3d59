"""Stopping a job that a provider has accepted, where its description says how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fvbuild.errors import TargetError
from fvbuild.targets.api.connect import connect
from fvbuild.targets.api.context import Contexts
from fvbuild.targets.api.extract import ways_of

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.targets.api.description_call import Call
    from fvbuild.targets.api.target import ApiTarget


def cancel(
    target: ApiTarget, kind: str, purchase: str, job: Mapping[str, Json], made_by: str
) -> None:
    """Ask the provider of a target to stop a job, known by what its purchase recorded.

    ``made_by`` is the call that submitted it, "" where an older build did not note it. Raises
    TargetError, with what the provider says, where it cannot be stopped.
    """
    call = _call(target, kind, made_by)
    title = target.provider.title
    if call is None or call.cancel is None:
        raise TargetError(
            f"{title} stops no job, as far as its description says",
            hint="stop it in the provider's own console, then drop it: --forget",
        )
    connection = connect(target.description, target.place)
    contexts = Contexts(target.description, target.chosen, target.capabilities, target.prompts)
    rules = (*call.outcomes, *target.description.outcomes)
    context = {**contexts.of_target(), "kind": kind, "purchase": {"id": purchase}}
    stopped, message = connection.cancel(call.cancel, rules, context, job)
    if not stopped:
        raise TargetError(
            f"{title} did not stop it{f': {message}' if message else ''}",
            hint="the next build fetches what comes of it; --forget drops it",
        )


def _call(target: ApiTarget, kind: str, made_by: str) -> Call | None:
    calls = target.description.calls
    if made_by:
        return calls.get(made_by)
    described = target.description.models[target.chosen.like]
    can = (calls[way.call] for way in ways_of(described, kind))
    return next((call for call in can if call.cancel is not None), None)
