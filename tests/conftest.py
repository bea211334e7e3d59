"""What every test shares: a quiet environment, and patience on a machine that others use too."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples every time: no change must fail by what luck finds in code that it left alone.
settings.register_profile(
    "shared-machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
# pytest --hypothesis-profile=thorough: new examples, for a night, or before a release.
settings.register_profile(
    "thorough", settings.get_profile("shared-machine"), max_examples=2000, derandomize=False
)
settings.load_profile("shared-machine")

# Shells start background jobs with Ctrl-C ignored, and the programs under test would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--torture N``: tests/torture in full, with N random sequences (docs/reliability.md)."""
    parser.addoption("--torture", type=int, default=0, metavar="N", help="torture in full")


_LONG = (
    ("gpu/",),
    ("executors/", "torture/", "packaging/", "shared/test_clone", "project/test_hosted_ferry",
     "engine/test_ledger_kills", "sound/test_mix_reuse"),
)  # fmt: skip
"""What takes longest, and shares what takes long to start: of two processes one each."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first in either half, so that with ``-n 2 --dist worksteal``, which
    begins with a half each, what is left to share out at the end is short."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    here = Path(__file__).parent
    rows = [(item, item.path.relative_to(here).as_posix()) for item in items]
    long = [[item for item, name in rows if name.startswith(names)] for names in _LONG]
    taken = {item for half in long for item in half}
    short = [item for item in items if item not in taken]
    room = max(0, len(items) // 2 - len(long[0]))
    items[:] = [*long[0], *short[:room], *long[1], *short[room:]]


def pytest_collection_finish() -> None:
    """What was read so far stays until the end: to look for garbage in it takes long, also in
    every process that is forked."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours, width and our own variables come from the test, never from the caller's shell."""
    for name in list(os.environ):
        if name.startswith("FVBUILD_") or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}:
            monkeypatch.delenv(name)
