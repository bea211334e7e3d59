"""Jobs as providers keep them: they wait, run, and end as was decided when they were submitted."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from .media import Wanted

State = Literal["queued", "running", "done", "refused", "failed", "empty", "canceled"]


@dataclass(frozen=True)
class Fate:
    """How a job will end, and how long it takes: so many polls, and so many seconds."""

    state: State = "done"
    shape: str = ""
    polls: int = 0
    seconds: float = 0.0
    lost: bool = False


@dataclass
class Job:
    """One accepted request. `wanted`: what it makes, one for each result."""

    id: str
    provider: str
    operation: str
    model: str
    prompt: str
    amount: float
    fate: Fate
    wanted: tuple[Wanted, ...]
    extra: dict[str, Any]
    created: float = field(default_factory=time.time)
    polls: int = 0
    canceled: bool = False
    refunded: bool = False

    def poll(self) -> State:
        """Count one look at the job; say where it stands."""
        self.polls += 1
        return self.state()

    def state(self) -> State:
        """Where it stands: by the polls counted and the time gone by."""
        if self.canceled:
            return "canceled"
        age_s = time.time() - self.created
        if self.polls <= self.fate.polls or age_s < self.fate.seconds:
            begun = self.polls > 1 or (0 < 0.2 * self.fate.seconds < age_s)
            return "running" if begun else "queued"
        return self.fate.state

    @property
    def progress(self) -> float:
        """A fraction of the work that is done, 0 to 1."""
        by_polls = self.polls / (self.fate.polls + 1)
        by_time = (time.time() - self.created) / (self.fate.seconds or 1e-9)
        return max(0.0, min(1.0, by_polls, by_time))


class Jobs:
    """All jobs of a server, by provider and id."""

    def __init__(self) -> None:
        self._jobs: dict[tuple[str, str], Job] = {}
        self._alike: Counter[str] = Counter()

    def add(self, job: Job, aliases: tuple[str, ...] = ()) -> None:
        """Keep a job, also under further names that its provider knows it by."""
        for name in (job.id, *aliases):
            self._jobs[job.provider, name] = job

    def find(self, provider: str, name: str) -> Job | None:
        """The job of that id, or None; a lost job is found by nobody."""
        job = self._jobs.get((provider, name))
        return None if job is None or job.fate.lost else job

    def forget(self, job: Job) -> None:
        """Delete a job under all its names."""
        self._jobs = {name: kept for name, kept in self._jobs.items() if kept is not job}

    def clear(self) -> None:
        """Forget all jobs, and how often anything was asked."""
        self._jobs.clear()
        self._alike.clear()

    def digest(self, *parts: object, seeded: bool) -> str:
        """What the result looks like: by the request, and, without a seed, by how often it came."""
        text = "\0".join(str(part) for part in parts)
        self._alike[text] += 1
        if not seeded:
            text += f"\0{self._alike[text]}"
        return hashlib.sha256(text.encode()).hexdigest()

    def listed(self) -> list[dict[str, Any]]:
        """Every job once, for a test to look at."""
        jobs = {id(job): job for job in self._jobs.values()}.values()
        return [
            {
                "id": job.id,
                "provider": job.provider,
                "operation": job.operation,
                "state": job.state(),
                "polls": job.polls,
                "prompt": job.prompt,
            }
            for job in jobs
        ]
