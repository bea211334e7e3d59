"""How many processors there are for what a target does itself."""

from __future__ import annotations

import os


def processors() -> int:
    """How many processors this process may use; whoever shares a machine says it as is usual."""
    try:
        here = len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        here = os.cpu_count() or 1
    said = os.environ.get("OMP_NUM_THREADS", "")
    return min(here, int(said)) if said.isdecimal() and int(said) else here
