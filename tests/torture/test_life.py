"""Random lives of films; ``--torture N`` for N of them."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from life import Life

SEQUENCES = 300
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_lives_of_films(part: int, pytestconfig: pytest.Config) -> None:
    count = (pytestconfig.getoption("torture") or SEQUENCES) // PARTS
    limits = settings(max_examples=count, stateful_step_count=8, print_blob=True, database=None)
    run_state_machine_as_test(Life, settings=limits)
