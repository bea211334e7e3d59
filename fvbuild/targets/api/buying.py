"""The one request that costs money: sent once, unless it surely did not arrive.

Whether a request arrived is known when it was not sent whole, or when the answer says so. In all
other cases it is sent again only under the same id, where the provider promises to buy once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fvbuild.engine.action import Action
from fvbuild.errors import FilmBuildError, UnavailableError, UnresolvedError
from fvbuild.targets.api.http import Outgoing, WireError
from fvbuild.targets.api.lookup import look
from fvbuild.targets.api.outcome import Verdict, classify
from fvbuild.targets.api.reply import MISSING, Reply
from fvbuild.targets.api.requests import MAKE_TIMEOUT_S, QUEUE_TIMEOUT_S, saved_if_there
from fvbuild.targets.api.results import keep
from fvbuild.targets.api.retry import RATE_LIMITED, TRANSIENT, Policy, Retry
from fvbuild.targets.api.values import render_text
from fvbuild.targets.api.wanted import Wanted, end_purchase

if TYPE_CHECKING:
    from fvbuild.engine.purchase import Purchase
    from fvbuild.targets.api.asking import Asking
    from fvbuild.targets.api.secrets import Redactor

# Answers by which a server itself says that it did not take the request. A gateway's (502, 504)
# may hide a job that was begun behind it.
_NOT_BEGUN = (408, 425, 429, 500, 503, 529)
# Of all redirections the one by which a request was acted on (RFC 9110, 15.4.4).
_SEE_OTHER = 303
_TOLD_FROM_S = 2.0
_REHEARSAL_ID = "0" * 32


class Buying:
    """Submits one take: ``rehearse``, then ``buy``, which returns an accepted purchase and the
    answer if it is at hand."""

    def __init__(self, asking: Asking, redactor: Redactor, wanted: Wanted, action: Action) -> None:
        self._asking = asking
        self._redactor = redactor
        self._wanted = wanted
        self._action = action
        self._retry = Retry(asking.waiting, action.cancelled)
        self._maybe_bought = False

    def rehearse(self) -> None:
        """Make the uploads, and find what does not fit, before a place is taken and an intent
        written. Raises TargetError, UnauthorisedError and Interrupted."""
        self._outgoing(_REHEARSAL_ID)

    def buy(self, purchase: Purchase | None) -> tuple[Purchase, Reply]:
        """``purchase`` is an open one which may be submitted again under its id.

        Raises the errors of a target, UnresolvedError, BudgetError and Interrupted.
        """
        self._maybe_bought = purchase is not None
        while True:
            self._turn(purchase)
            if purchase is None:
                purchase = self._action.purchases.begin(
                    self._wanted.model,
                    self._wanted.price,
                    resubmit_safe=self._wanted.resubmit_safe,
                    note=self._wanted.note,
                )
            reply = self._submit(purchase)
            if reply is not None:
                return purchase, reply
            if not self._wanted.resubmit_safe:
                purchase = None

    def _turn(self, purchase: Purchase | None) -> None:
        """Wait until the request may go out. Raises UnavailableError and Interrupted."""
        title = self._asking.title

        def told(wait_s: float) -> None:
            if wait_s >= _TOLD_FROM_S:
                self._action.progress(0.0, f"waits {wait_s:.0f} s until {title} may be asked")

        try:
            self._asking.turn(self._action.cancelled, told)
        except UnavailableError as error:
            if purchase is not None and not self._maybe_bought:
                self._not_accepted(purchase, error.message)
            raise

    def _submit(self, purchase: Purchase) -> Reply | None:
        """The answer of an accepted submit; None when it is to be tried again."""
        try:
            outgoing = self._outgoing(purchase.id)
            reply = self._asking.http.send(outgoing)
        except WireError as error:
            self._unanswered(purchase, error)
            return None
        except FilmBuildError as error:
            self._not_accepted(purchase, error.message)
            raise
        verdict = classify(self._wanted.rules, reply, "submit")
        match verdict.then:
            case "accepted" | "done" | "pending":
                self._accepted(purchase, reply, verdict)
                return reply
            case "rate_limited" | "transient":
                self._turned_away(purchase, reply, verdict)
                return None
            case "refused" | "failed":
                end_purchase(self._wanted, self._redactor, purchase, verdict, reply)
            case "malformed" if reply.status == _SEE_OTHER:
                raise self._nobody_knows(purchase, reply, verdict)
            case _:
                self._not_accepted(purchase, verdict.message)
        raise self._asking.error(verdict)

    def _accepted(self, purchase: Purchase, reply: Reply, verdict: Verdict) -> None:
        """Write down how the job is found again, before anything else."""
        call = self._wanted.call
        body = None if reply.json is MISSING else reply.json
        job = {name: look(path, body) for name, path in call.job.items()}
        for name, template in call.job_named.items():
            if job.get(name) is None:
                context = {**self._wanted.context, "purchase": {"id": purchase.id}}
                job[name] = render_text(template, context)
        absent = [name for name, value in job.items() if value is None]
        is_answer = call.poll is None and call.fetch is None
        at_hand = is_answer or verdict.then == "done"
        if absent and not at_hand:
            raise purchase.unknown(
                f"{self._asking.title} accepted it, and its answer has no {' and no '.join(absent)}"
            )
        if at_hand:
            keep(purchase.folder, reply, self._redactor)
        state: dict[str, Any] = {
            "job": job,
            "saved": saved_if_there(call.submit, reply),
            "kept": at_hand,
        }
        purchase.submitted(self._redactor.value(state))
        self._asking.gate.went_well()

    def _unanswered(self, purchase: Purchase, error: WireError) -> None:
        """No answer came. Waits for the next attempt, or raises."""
        message = self._redactor.text(str(error))
        if not error.sent:
            self._again(purchase, TRANSIENT, message, None, may_pass=not error.certain)
        elif self._wanted.resubmit_safe:
            self._maybe_bought = True
            self._again(purchase, TRANSIENT, message, None, may_pass=not error.certain)
        else:
            raise purchase.unknown(f"{self._asking.title} was asked, and {message}")

    def _turned_away(self, purchase: Purchase, reply: Reply, verdict: Verdict) -> None:
        """The provider said: not now. Waits for the next attempt, or raises."""
        policy = TRANSIENT
        if verdict.then == "rate_limited":
            self._asking.gate.slow_down(verdict.retry_after_s)
            policy = RATE_LIMITED
        sure = verdict.explicit or policy is RATE_LIMITED or reply.status in _NOT_BEGUN
        if not sure:
            if not self._wanted.resubmit_safe:
                raise self._nobody_knows(purchase, reply, verdict)
            self._maybe_bought = True
        self._again(purchase, policy, verdict.message, verdict.retry_after_s)

    def _again(
        self,
        purchase: Purchase,
        policy: Policy,
        message: str,
        retry_after_s: float | None,
        *,
        may_pass: bool = True,
    ) -> None:
        """Close what surely was not bought, and wait. Raises UnavailableError when it is enough."""
        if not self._wanted.resubmit_safe:
            self._not_accepted(purchase, message)
        self._action.progress(0.0, self._redactor.text(f"tries again: {message}"))
        if not may_pass or not self._retry.again(policy, retry_after_s):
            if self._wanted.resubmit_safe and not self._maybe_bought:
                self._not_accepted(purchase, message)
            raise self._asking.unavailable(message)

    def _nobody_knows(self, purchase: Purchase, reply: Reply, verdict: Verdict) -> UnresolvedError:
        """The error of an answer that does not say whether it was bought."""
        message = self._redactor.text(verdict.message)
        return purchase.unknown(f"{self._asking.title} answered {reply.status}: {message}")

    def _not_accepted(self, purchase: Purchase, message: str) -> None:
        purchase.not_accepted(self._redactor.text(message))

    def _outgoing(self, purchase_id: str) -> Outgoing:
        context: Mapping[str, Any] = {**self._wanted.context, "purchase": {"id": purchase_id}}
        call = self._wanted.call
        timeout_s = MAKE_TIMEOUT_S if call.poll is None else QUEUE_TIMEOUT_S
        return self._asking.requests.outgoing(
            call.submit, context, buys=True, timeout_s=timeout_s, media=call.result.in_answer
        )
