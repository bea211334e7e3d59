"""The fixture `fake`; a conftest has it by `from fake.fixture import fake`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import FakeProviders


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProviders]:
    """Fake providers for one test, whose keys stand in the environment."""
    with FakeProviders.start() as providers:
        for name, value in providers.environment().items():
            monkeypatch.setenv(name, value)
        yield providers
