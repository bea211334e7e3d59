"""Claims: of several machines that would buy one take, one buys it and the others wait for it.

A claim is an object that only one can create; its text says who has it, and changes with every beat
while they live. Whoever sees one unchanged for long, by their own clock, takes the next number. A
claim is let go only once the take it was for is in the shared store, or will not come.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from fvbuild.engine.digest import canonical
from fvbuild.engine.shared import Shared, claim_name
from fvbuild.errors import FilmBuildError, Interrupted, RemoteError

BEAT_S = 30.0
EXPIRY_S = 600.0
_POLL_S = 2.0
_MOST_BYTES = 4096
_MOST_GENERATIONS = 1000
_MOST_WORDS = 80


@dataclass(frozen=True, slots=True)
class Claim:
    """Who makes a take. ``holder`` is one cache folder of one machine, ``who`` its name for people.

    beat: how often the holder has said that it lives. over: it was let go.
    """

    holder: str
    who: str
    since: str
    beat: int = 0
    over: bool = False

    def text(self) -> bytes:
        """As it is sent."""
        return canonical(
            {
                "format": 1,
                "holder": self.holder,
                "who": self.who,
                "since": self.since,
                "beat": self.beat,
                "over": self.over,
            }
        ).encode()


def parse(text: bytes) -> Claim | None:
    """The claim that a text is; None when it is none: such a claim counts as let go."""
    try:
        data = json.loads(text)
        holder, who, since = (str(data[name])[:_MOST_WORDS] for name in ("holder", "who", "since"))
        return Claim(holder, who, since, int(data["beat"]), data["over"] is True)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None


class Claims:
    """The claims of one build. Safe from several threads.

    ``tell`` is told what a person should know: whom is waited for, whose claim was taken over.
    """

    def __init__(
        self,
        shared: Shared,
        me: Claim,
        tell: Callable[[str], None],
        *,
        beat_s: float = BEAT_S,
        expiry_s: float = EXPIRY_S,
        poll_s: float = _POLL_S,
    ) -> None:
        self._shared = shared
        self._me = me
        self._tell = tell
        self._beat_s = beat_s
        self._expiry_s = expiry_s
        self._poll_s = poll_s
        self._held: dict[tuple[str, int], tuple[str, Claim]] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._heart: threading.Thread | None = None

    def take(
        self,
        key: str,
        n: int,
        made: Callable[[], bool],
        cancelled: Callable[[], bool],
        node: str = "",
    ) -> bool:
        """Claim a take, waiting while another machine has it. False once it is ``made`` elsewhere.

        Raises RemoteError, and Interrupted when ``cancelled``.
        """
        for generation in range(1, _MOST_GENERATIONS):
            name = claim_name(key, n, generation)
            if self._shared.create(name, self._me.text()):
                if generation > 1 and made():
                    self._let_go(name, self._me)
                    return False
                self._keep(key, n, name)
                return True
            outcome = self._wait(name, made, cancelled, node)
            if outcome == "made":
                return False
            if outcome == "mine":
                self._keep(key, n, name)
                return True
        raise RemoteError(f"take {n} was claimed too often", place=self._shared.place)

    def _wait(
        self, name: str, made: Callable[[], bool], cancelled: Callable[[], bool], node: str
    ) -> str:
        """Wait for what becomes of somebody's claim: ``made``, ``over`` or ``mine``."""
        seen, since_s, told = b"", time.monotonic(), False
        while True:
            text = self._shared.read(name, _MOST_BYTES)
            claim = None if text is None else parse(text)
            if claim is None or claim.over:
                return "made" if made() else "over"
            if claim.holder == self._me.holder:
                return "mine"
            if made():
                return "made"
            if text != seen:
                seen, since_s = text or b"", time.monotonic()
            elif time.monotonic() - since_s > self._expiry_s:
                self._tell(
                    f"{node}: {claim.who} began to make this take at {claim.since} and was not "
                    "heard of since; it is made here. If it was bought there, it was paid for "
                    "already: look at 'fvbuild costs' there"
                )
                return "over"
            if not told:
                self._tell(f"{node}: waits for {claim.who}, who makes this take")
                told = True
            self._sleep(cancelled)

    def _sleep(self, cancelled: Callable[[], bool]) -> None:
        until_s = time.monotonic() + self._poll_s
        while time.monotonic() < until_s:
            if cancelled():
                raise Interrupted("stopped")
            time.sleep(min(0.1, self._poll_s))

    # --- what is held ---------------------------------------------------------------------------

    def _keep(self, key: str, n: int, name: str) -> None:
        with self._lock:
            self._held[key, n] = (name, self._me)
            if self._heart is None:
                self._heart = threading.Thread(target=self._beat, daemon=True)
                self._heart.start()

    def _beat(self) -> None:
        while not self._ended.wait(self._beat_s):
            with self._lock:
                held = [(at, name, claim) for at, (name, claim) in self._held.items()]
            for at, name, claim in held:
                fresh = replace(claim, beat=claim.beat + 1)
                try:
                    self._shared.write(name, fresh.text())
                except FilmBuildError:
                    continue  # it beats again soon, long before the claim expires
                with self._lock:
                    if at in self._held:
                        self._held[at] = (name, fresh)

    def release(self, key: str, n: int) -> None:
        """Let a claim go: its take is in the shared store, or will not come."""
        with self._lock:
            name, claim = self._held.pop((key, n), ("", self._me))
        if name:
            self._let_go(name, claim)

    def _let_go(self, name: str, claim: Claim) -> None:
        try:
            self._shared.write(name, replace(claim, over=True).text())
        except FilmBuildError:
            return  # it expires

    def close(self) -> None:
        """Stop beating. What is still held was made and not sent: it expires if it never is."""
        self._ended.set()
