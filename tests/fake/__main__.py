"""Serve until killed: `python -m tests.fake --port 0` prints the port of its reports."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from .server import FakeServer


def main() -> None:
    """Read the command line, print the port, serve."""
    parser = argparse.ArgumentParser(prog="fake", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the reports; 0: any free one")
    parser.add_argument("--bill", type=Path, help="a file that keeps the bill, a line each")
    parser.add_argument("--pending-polls", type=int, default=1, help="polls before a job is done")
    parser.add_argument("--job-s", type=float, default=0.0, help="seconds before a job is done")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input does")
    options = parser.parse_args()
    server = FakeServer(bill=options.bill, pending_polls=options.pending_polls, job_s=options.job_s)

    async def serve() -> None:
        await server.start(options.port)
        print(server.port, flush=True)
        if options.until_eof:
            await asyncio.to_thread(sys.stdin.read)
        else:
            await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
