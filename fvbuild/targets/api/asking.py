"""Asking what may be asked again: polls, fetches, uploads. One request, until it has an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fvbuild.errors import (
    FilmBuildError,
    JobFailedError,
    QuotaError,
    RefusedError,
    RejectedInputError,
    UnauthorisedError,
    UnavailableError,
)
from fvbuild.targets.api.http import WireError
from fvbuild.targets.api.limits import RestingError
from fvbuild.targets.api.outcome import Verdict, classify
from fvbuild.targets.api.requests import LOOK_TIMEOUT_S
from fvbuild.targets.api.retry import RATE_LIMITED, TRANSIENT, Policy, Retry
from fvbuild.targets.api.streams import stoppable
from fvbuild.targets.api.waiting import Cancelled, Waiting, never

if TYPE_CHECKING:
    from fvbuild.targets.api.description_call import Request
    from fvbuild.targets.api.description_outcome import Rule, Stage
    from fvbuild.targets.api.http import Http
    from fvbuild.targets.api.limits import Gate
    from fvbuild.targets.api.reply import Reply
    from fvbuild.targets.api.requests import Requests


class Asking:
    """Sends the requests of one provider, at its pace, and waits where it says so."""

    def __init__(
        self, title: str, http: Http, requests: Requests, gate: Gate, waiting: Waiting
    ) -> None:
        self.title = title
        self.http = http
        self.requests = requests
        self.gate = gate
        self.waiting = waiting

    def ask(
        self,
        request: Request,
        context: Mapping[str, Any],
        rules: Sequence[Rule],
        at: Stage,
        *,
        policy: Policy = TRANSIENT,
        cancelled: Cancelled = never,
        timeout_s: float = LOOK_TIMEOUT_S,
        media: bool = False,
    ) -> tuple[Reply, Verdict]:
        """The answer and what it means; what passes is waited for. ``media``: the answer may
        hold one.

        Raises UnavailableError when it does not pass, and Interrupted.
        """
        retry = Retry(self.waiting, cancelled)
        while True:
            self.turn(cancelled, counts=at == "upload")
            outgoing = self.requests.outgoing(request, context, timeout_s=timeout_s, media=media)
            try:
                with stoppable(cancelled):
                    reply = self.http.send(outgoing)
            except WireError as error:
                if error.certain or not retry.again(policy):
                    raise self.unavailable(str(error)) from None
                continue
            verdict = classify(rules, reply, at)
            if verdict.then == "rate_limited":
                self.gate.slow_down(verdict.retry_after_s)
                again = retry.again(RATE_LIMITED, verdict.retry_after_s)
            elif verdict.then in ("transient", "malformed"):
                patience = policy if verdict.then == "transient" else TRANSIENT
                again = retry.again(patience, verdict.retry_after_s)
            else:
                return reply, verdict
            if not again:
                raise self.unavailable(verdict.message)

    def turn(
        self,
        cancelled: Cancelled,
        told: Callable[[float], None] = lambda _s: None,
        *,
        counts: bool = True,
    ) -> None:
        """Wait until a request may go out, as long as for any provider that is too busy.

        Raises UnavailableError where it wants a longer rest, and Interrupted.
        """
        try:
            self.gate.turn(cancelled, told, counts=counts, patience_s=RATE_LIMITED.patience_s)
        except RestingError as error:
            raise self.unavailable(str(error)) from None

    def unavailable(self, message: str) -> UnavailableError:
        """The error of a provider that cannot be asked now."""
        return UnavailableError(
            f"{self.title} cannot be asked: {message}", hint="try again later; nothing is lost"
        )

    def error(self, verdict: Verdict) -> FilmBuildError:
        """The error that an answer means, if it is one."""
        said = f"{self.title}: {verdict.message}"
        match verdict.then:
            case "refused":
                return RefusedError(f"refused by {said}", flagged_input=verdict.flagged_input)
            case "rejected":
                return RejectedInputError(f"not accepted by {said}")
            case "quota":
                return QuotaError(
                    f"out of quota at {said}", hint="top up the account, or use another target"
                )
            case "unauthorised":
                return UnauthorisedError(
                    f"not authorised by {said}", hint="check the key, and what it may be used for"
                )
            case "rate_limited" | "transient" | "malformed":
                return self.unavailable(verdict.message)
            case _:
                return JobFailedError(f"failed at {said}")
