"""What was bought, when the provider accepted it: in memory, and line by line in a file."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any


class Bill:
    """An append-only account. Amounts are US dollars; a refund is a line with a negative amount."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.lines: list[dict[str, Any]] = []
        if path is not None and path.exists():
            self.lines = [json.loads(line) for line in path.read_text().splitlines()]

    def charge(
        self, provider: str, operation: str, job: str, model: str, amount: float, prompt: str
    ) -> None:
        """Write down one accepted request."""
        self._add(
            provider=provider,
            operation=operation,
            job=job,
            model=model,
            amount=amount,
            prompt=prompt,
            prompt_digest=hashlib.sha256(prompt.encode()).hexdigest(),
        )

    def refund(self, job: str) -> None:
        """Give back what a job cost."""
        line = next(line for line in self.lines if line["job"] == job)
        self._add(**{**line, "amount": -line["amount"], "refund": True})

    def _add(self, **line: Any) -> None:
        line["at"] = time.time()
        self.lines.append(line)
        if self._path is not None:
            with self._path.open("a") as file:
                file.write(json.dumps(line) + "\n")

    def forget(self) -> None:
        """Begin again with an empty account."""
        self.lines.clear()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
