"""What the providers of one server share: the bill, the jobs, the script, and a shelf of media."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field

from .bill import Bill
from .faults import Script
from .jobs import Job, Jobs
from .media import Wanted


@dataclass
class Shelf:
    """Media that can be downloaded, by the path of its URL; and the URLs that have expired."""

    base: str = ""
    wanted: dict[str, Wanted] = field(default_factory=dict)
    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    signatures: int = 0

    def publish(self, job: Job, index: int) -> str:
        """A fresh signed URL of one result of a job."""
        wanted = job.wanted[index]
        path = f"/{job.provider}/{re.sub(r'[^A-Za-z0-9-]', '_', job.id)}/{index}.{wanted.format}"
        self.wanted[path] = wanted
        self.signatures += 1
        return f"{self.base}{path}?signature={self.signatures}"

    def keep(self, provider: str, content: bytes, media_type: str) -> str:
        """Keep an upload. Returns the path that it can be downloaded from."""
        path = f"/{provider}/uploads/{uuid.uuid4().hex}"
        self.uploads[path] = (media_type, content)
        return path


@dataclass
class Desk:
    """What the providers of one server share. `urls`: (provider, host) -> base URL without path."""

    bill: Bill
    jobs: Jobs = field(default_factory=Jobs)
    script: Script = field(default_factory=Script)
    shelf: Shelf = field(default_factory=Shelf)
    urls: dict[tuple[str, str], str] = field(default_factory=dict)
    pending_polls: int = 1
    job_s: float = 0.0
