"""What every test shares: a quiet environment, and patience on a machine that others use too."""

from __future__ import annotations

import os
import signal

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


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours, width and our own variables come from the test, never from the caller's shell."""
    for name in list(os.environ):
        if name.startswith("FVBUILD_") or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}:
            monkeypatch.delenv(name)
