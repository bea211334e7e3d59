"""A test's hold on the fake providers: start them, script them, read their bill."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .server import FakeServer


class FakeProviders:
    """Fake providers that run in this process or in one of their own. Close it after use."""

    def __init__(self, port: int, pid: int, close: Callable[[], None]) -> None:
        self.port = port
        self.pid = pid
        self._close = close

    @classmethod
    def start(
        cls, *, bill: Path | None = None, pending_polls: int = 1, job_s: float = 0.0, port: int = 0
    ) -> FakeProviders:
        """Run them in a thread of this process; every job takes `pending_polls` and `job_s`."""
        server = FakeServer(bill=bill, pending_polls=pending_polls, job_s=job_s)
        loop = asyncio.new_event_loop()
        started = threading.Event()

        def run() -> None:
            asyncio.set_event_loop(loop)
            loop.run_until_complete(server.start(port))
            started.set()
            loop.run_forever()
            loop.run_until_complete(server.stop())

        thread = threading.Thread(target=run, name="fake providers", daemon=True)
        thread.start()
        if not started.wait(10):
            raise RuntimeError("the fake providers did not start")

        def close() -> None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)

        return cls(server.port, os.getpid(), close)

    @classmethod
    def spawn(
        cls, *, bill: Path | None = None, pending_polls: int = 1, job_s: float = 0.0, port: int = 0
    ) -> FakeProviders:
        """Run them in a process of their own, which outlives builds and tests that are killed."""
        command = [sys.executable, "-m", __package__, "--port", str(port), "--job-s", str(job_s)]
        # Its standard input ends with this process, however that ends; so nothing is left behind.
        command += ["--pending-polls", str(pending_polls), "--until-eof"]
        if bill is not None:
            command += ["--bill", str(bill)]
        root = str(Path(__file__).resolve().parents[__package__.count(".") + 1])
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": root},
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the fake providers did not start")

        def close() -> None:
            process.terminate()
            process.communicate(timeout=10)

        return cls(int(line), process.pid, close)

    def __enter__(self) -> FakeProviders:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving."""
        with suppress(OSError, subprocess.TimeoutExpired):
            self._close()

    def script(
        self,
        provider: str,
        kind: str,
        *,
        operation: str | None = None,
        times: int = 1,
        skip: int = 0,
        match: str | None = None,
        **options: Any,
    ) -> None:
        """Let a fault happen to the next `times` requests that fit, after the first `skip` ones.

        `operation`: the name of one, or a stage (submit, poll, fetch, upload, cancel, download).
        `match`: a text that the request's body or path has. Options: see the README.
        """
        fault = {"provider": provider, "kind": kind, "operation": operation, "times": times}
        self._call("POST", "/_script", {**fault, "skip": skip, "match": match, "options": options})

    def settings(self, *, pending_polls: int | None = None, job_s: float | None = None) -> None:
        """How long every job takes from now on, unless scripted."""
        values = {"pending_polls": pending_polls, "job_s": job_s}
        self._call("POST", "/_settings", {k: v for k, v in values.items() if v is not None})

    def reset(self) -> None:
        """Forget script, bill, requests and jobs; media stay."""
        self._call("POST", "/_reset", {})

    def base_urls(self) -> dict[str, dict[str, Any]]:
        """Provider name -> `{base_url, hosts}`, as in the `providers:` section of fvbuild.yaml."""
        found: dict[str, dict[str, Any]] = self._call("GET", "/_urls")
        return found

    def url(self, provider: str, host: str = "") -> str:
        """The base URL of one provider, or of one of its further hosts."""
        entry = self.base_urls()[provider]
        return str(entry["hosts"][host] if host else entry["base_url"])

    def environment(self) -> dict[str, str]:
        """The keys that the fakes accept, by environment variable."""
        found: dict[str, str] = self._call("GET", "/_secrets")
        return found

    def shapes(self) -> dict[str, dict[str, Any]]:
        """Provider name -> its `refusals` (shape -> submit or job) and `failures`."""
        found: dict[str, dict[str, Any]] = self._call("GET", "/_shapes")
        return found

    def bill(self, provider: str | None = None) -> list[dict[str, Any]]:
        """What was bought: provider, operation, job, model, amount, prompt, prompt_digest, at."""
        return self._report("/_bill", provider)

    def requests(
        self, provider: str | None = None, stage: str | None = None
    ) -> list[dict[str, Any]]:
        """Every request that came in: provider, operation, stage, method, path, status, body..."""
        lines = self._report("/_requests", provider)
        return [line for line in lines if stage is None or line["stage"] == stage]

    def jobs(self, provider: str | None = None) -> list[dict[str, Any]]:
        """Every job: id, provider, operation, state, polls, prompt."""
        return self._report("/_jobs", provider)

    def pending_faults(self) -> list[dict[str, Any]]:
        """Scripted faults that have not (all) happened yet; a test may insist on none."""
        return self._report("/_script", None)

    def _report(self, path: str, provider: str | None) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = self._call("GET", path)
        return [line for line in lines if provider is None or line["provider"] == provider]

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(answer["error"])
        return answer
