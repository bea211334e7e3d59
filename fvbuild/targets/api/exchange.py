"""One take bought from one provider: submit, wait, fetch; gone on with from wherever it stopped.

The order is that of :mod:`fvbuild.engine.purchase`. Uploads, waits for a free place and faults of
the description come before the intent is written, so that a build that is killed while it waits
leaves nothing behind that anybody has to decide about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fvbuild.engine.action import Action, Money
from fvbuild.engine.digest import Json
from fvbuild.errors import (
    FilmBuildError,
    JobFailedError,
    MediaError,
    RejectedInputError,
    TargetError,
)
from fvbuild.targets.api.buying import Buying
from fvbuild.targets.api.download import GoneError
from fvbuild.targets.api.http import WireError
from fvbuild.targets.api.lookup import look
from fvbuild.targets.api.origins import ForbiddenAddressError
from fvbuild.targets.api.outcome import Verdict, classify, not_there
from fvbuild.targets.api.probing import make_ready, probe_result
from fvbuild.targets.api.reply import MISSING, Reply
from fvbuild.targets.api.results import Answer, Taking, kept, record, recorded, trimmed
from fvbuild.targets.api.retry import BOUGHT, TRANSIENT, Retry
from fvbuild.targets.api.wanted import Wanted, end_purchase, likely

if TYPE_CHECKING:
    from fvbuild.engine.purchase import Purchase
    from fvbuild.targets.api.asking import Asking
    from fvbuild.targets.api.description_call import Poll, Request
    from fvbuild.targets.api.description_outcome import Rule, Stage
    from fvbuild.targets.api.secrets import Redactor

_FETCHES = 3
_PROBE_TIMEOUT_S = 15.0
_JITTER = 0.2


class Exchange:
    """All exchanges with one provider. Safe to use from many threads."""

    def __init__(
        self, asking: Asking, redactor: Redactor, poll_every_s: float | None = None
    ) -> None:
        """``poll_every_s``: how often to ask how a job is doing, where not as described."""
        self.asking = asking
        self.redactor = redactor
        self.poll_every_s = poll_every_s

    def run(self, wanted: Wanted, action: Action) -> Answer:
        """Buy the take, or go on with an earlier purchase of it. No error shows a secret.

        Raises the errors of a target, UnresolvedError, BudgetError and Interrupted.
        """
        try:
            return _Take(self, wanted, action).run()
        except FilmBuildError as error:
            raise self.redactor.error(error) from None
        except OSError:
            raise
        except Exception as error:
            # A message from elsewhere may quote a request, and with it the key.
            text = self.redactor.text(f"{type(error).__name__}: {error}")
            raise TargetError(text, hint="this is a bug in fvbuild, or in a hook") from None

    def probe(self, request: Request, context: Mapping[str, Any], rules: Sequence[Rule]) -> Verdict:
        """What a provider says to a request that costs nothing; asked once, for somebody waits.

        Raises UnauthorisedError where there is no key, UnavailableError where nobody answers.
        """
        try:
            outgoing = self.asking.requests.outgoing(request, context, timeout_s=_PROBE_TIMEOUT_S)
            verdict = classify(rules, self.asking.http.send(outgoing), "probe")
        except WireError as error:
            raise self.redactor.error(self.asking.unavailable(str(error))) from None
        except FilmBuildError as error:
            raise self.redactor.error(error) from None
        return replace(verdict, message=self.redactor.text(verdict.message))

    def cancel(
        self,
        request: Request,
        rules: Sequence[Rule],
        context: Mapping[str, Any],
        job: Mapping[str, Json],
    ) -> tuple[bool, str]:
        """Ask the provider to stop a job, known by what ``submitted`` recorded: whether it will be
        stopped, and what the provider says to it.

        Raises UnauthorisedError where there is no key, UnavailableError where nobody answers.
        """
        state = self.redactor.restore(dict(job))
        try:
            outgoing = self.asking.requests.outgoing(request, {**context, **state})
            reply = self.asking.http.send(outgoing)
        except WireError as error:
            raise self.redactor.error(self.asking.unavailable(str(error))) from None
        except FilmBuildError as error:
            raise self.redactor.error(error) from None
        # That a job was stopped may be told by the very words which end a job that was not wanted.
        message = classify(rules, reply, "cancel").message if reply.status >= 400 else ""
        return reply.status < 400, self.redactor.text(message)


class _Take:
    """The exchange about one take."""

    def __init__(self, exchange: Exchange, wanted: Wanted, action: Action) -> None:
        self.asking = exchange.asking
        self.poll_every_s = exchange.poll_every_s
        self.redactor = exchange.redactor
        self.wanted = wanted
        self.action = action
        self.state: dict[str, Any] = {}
        self.done: Reply | None = None

    def run(self) -> Answer:
        purchase = self.action.purchases.unfinished()
        if purchase is not None and purchase.answered:
            answer = recorded(purchase.folder)
            if answer is not None:
                return answer
        buying = None
        if purchase is None or purchase.job is None:
            buying = Buying(self.asking, self.redactor, self.wanted, self.action)
            buying.rehearse()
        title = self.asking.title
        with self.asking.gate.slot(
            self.action.cancelled, lambda: self._tell(0.0, f"waits for a free place at {title}")
        ):
            reply = None
            if buying is not None:
                purchase, reply = buying.buy(purchase)
            assert purchase is not None
            reply = self._finished(purchase, reply)
        # The provider is done; what is left does not keep the next job waiting.
        return self._collect(purchase, reply)

    # --- from the job to the answer ---------------------------------------------------------------

    def _finished(self, purchase: Purchase, reply: Reply | None) -> Reply | None:
        """The answer that says it is done; ``reply`` is that of the submit, if it is ours."""
        self.state = self.redactor.restore(dict(purchase.job or {}))
        poll = self.wanted.call.poll
        if not self.state.get("kept"):
            return self._poll(poll, purchase, reply, at_once=reply is None) if poll else reply
        reply = reply or kept(purchase.folder, self.redactor)
        if reply is None and poll is None:
            raise purchase.unknown("the answer that was kept is lost")
        return reply

    def _collect(self, purchase: Purchase, reply: Reply | None) -> Answer:
        """The result, fetched, looked at and written down."""
        problem: Exception | None = None
        for attempt in range(_FETCHES):
            if attempt and self.wanted.call.poll is not None:
                reply = self._poll(self.wanted.call.poll, purchase, reply, at_once=True)
            self.done = reply
            final = self._fetched(purchase, reply)
            try:
                return self._taken(purchase, final)
            except (GoneError, MediaError) as error:
                problem = error
                self._tell(0.0, "fetches the result once more")
            except (JobFailedError, ForbiddenAddressError) as error:
                raise self._worthless(purchase, final, error.message) from None
        said = problem.message if isinstance(problem, MediaError) else f"it is gone: {problem}"
        raise self._worthless(purchase, final, f"the result cannot be used: {said}")

    def _poll(self, poll: Poll, purchase: Purchase, last: Reply | None, *, at_once: bool) -> Reply:
        """Ask until it is done. Its job stays, whatever happens here."""
        waiting, cancelled = self.asking.waiting, self.action.cancelled
        began_s = waiting.ticks_s()
        ends_s = began_s + poll.timeout_s
        every_s = self.poll_every_s or poll.every_s
        absent = Retry(waiting, cancelled)
        if not at_once:
            first_s = poll.first_s if poll.first_s is not None else every_s
            first_s = self.poll_every_s or first_s
            # Not at once: others are submitting at this moment, and would wait for it.
            waiting.sleep(first_s / 2, cancelled)
            make_ready(self.wanted.kind)
            waiting.sleep(first_s - (waiting.ticks_s() - began_s), cancelled)
        while True:
            reply, verdict = self._asked(poll, purchase, last, "poll")
            last = reply
            if verdict.then in ("done", "accepted"):
                return reply
            if not_there(reply, verdict) and absent.again(TRANSIENT):
                continue
            if verdict.then != "pending":
                raise self._ended(purchase, verdict, reply)
            self._tell(_progress(poll, reply), "")
            if waiting.ticks_s() > ends_s:
                raise self.asking.unavailable(
                    f"not done after {poll.timeout_s:g} s; the next build asks again"
                )
            jitter = 1 + _JITTER * (waiting.chance() - 0.5)
            waiting.sleep(every_s * jitter, cancelled)

    def _fetched(self, purchase: Purchase, reply: Reply | None) -> Reply:
        """The answer that the result is in."""
        fetch = self.wanted.call.fetch
        if fetch is None:
            assert reply is not None, "without a poll or a fetch the answer itself was kept"
            return reply
        final, verdict = self._asked(fetch, purchase, reply, "fetch")
        if verdict.then not in ("done", "accepted"):
            raise self._ended(purchase, verdict, final)
        return final

    def _asked(
        self, request: Request, purchase: Purchase, last: Reply | None, at: Stage
    ) -> tuple[Reply, Verdict]:
        """An answer about the job."""
        try:
            return self.asking.ask(
                request,
                self._context(purchase, last),
                self.wanted.rules,
                at,
                policy=BOUGHT,
                cancelled=self.action.cancelled,
                media=self.wanted.call.result.in_answer,
            )
        except RejectedInputError as error:
            raise TargetError(
                f"what {self.asking.title} calls its job makes no request: {error.message}",
                hint=f"nothing can be asked about it; give it up: fvbuild resolve "
                f"{self.action.node} --forget",
            ) from None

    def _taken(self, purchase: Purchase, reply: Reply) -> Answer:
        """The result in the purchase's folder, written down as received."""
        folder, wanted = purchase.folder, self.wanted
        taking = Taking(self.asking, self.redactor, folder, self.action.cancelled)
        found = taking.take(wanted.call.result, reply)
        if found is None:
            raise JobFailedError("it is done, and there is no result in the answer")
        path, text, media_type = found
        if path is not None:
            facts = probe_result(wanted.kind, path, wanted.seconds)
        else:
            facts = {}
            text = wanted.read(text) if text is not None else None
        cost = self._receipt(reply)
        body = None if reply.json is MISSING else trimmed(self.redactor.value(reply.json))
        provenance = {"model": wanted.model, "job": self.state.get("job") or None, "answer": body}
        answer = Answer(
            path,
            self.redactor.text(text) if text is not None else None,
            media_type,
            facts,
            cost,
            self.redactor.value({k: v for k, v in provenance.items() if v is not None}),
        )
        record(folder, answer)
        purchase.received(cost)
        return answer

    def _receipt(self, reply: Reply) -> Money | None:
        """What it cost, by the answer that the result is in, or by the one that said it is done."""
        cost = self.wanted.receipt(reply)
        return self.wanted.receipt(self.done) if cost is None and self.done is not None else cost

    # --- endings ----------------------------------------------------------------------------------

    def _ended(self, purchase: Purchase, verdict: Verdict, reply: Reply) -> FilmBuildError:
        """The error that an answer about a job means; it is not over because a key is wrong."""
        over = ("refused", "rejected", "failed")
        if verdict.then in over or (verdict.then == "quota" and reply.status < 400):
            # What was accepted and is gone since was paid for all the same, as far as anyone knows.
            verdict = replace(verdict, billed=verdict.billed or not_there(reply, verdict))
            end_purchase(self.wanted, self.redactor, purchase, verdict, reply)
        return self.asking.error(verdict)

    def _worthless(self, purchase: Purchase, reply: Reply, message: str) -> JobFailedError:
        """It was made, and very likely paid for, and is of no use."""
        receipt = self._receipt(reply)
        cost = receipt or likely(self.wanted.price)
        purchase.ended("failed", self.redactor.text(message), cost, estimated=receipt is None)
        return JobFailedError(f"failed at {self.asking.title}: {message}")

    def _context(self, purchase: Purchase, reply: Reply | None) -> dict[str, Any]:
        body = {} if reply is None or reply.json is MISSING else reply.json
        known = {"job": self.state.get("job", {}), "saved": self.state.get("saved", {})}
        return {**self.wanted.context, "purchase": {"id": purchase.id}, **known, "answer": body}

    def _tell(self, done: float, note: str) -> None:
        self.action.progress(done, self.redactor.text(note))


def _progress(poll: Poll, reply: Reply) -> float:
    """How much is done, 0 to 1; providers count to 1 or to 100, in numbers or in text."""
    if poll.progress is None or reply.json is MISSING:
        return 0.0
    found = look(poll.progress, reply.json)
    try:
        done = float(str(found).strip().rstrip("%"))
    except ValueError:
        return 0.0
    if done > 1 or (isinstance(found, str) and "%" in found):
        done /= 100
    return min(max(done, 0.0), 1.0)
