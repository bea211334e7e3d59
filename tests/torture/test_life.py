"""Random lives of films: 1,000 that are the same in every run; ``--torture N`` for N others."""

from __future__ import annotations

import random

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test
from life import Life

SEQUENCES = 1000
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_lives_of_films(part: int, pytestconfig: pytest.Config) -> None:
    asked = int(pytestconfig.getoption("torture"))
    number = random.SystemRandom().getrandbits(64) if asked else part
    count = ((asked or SEQUENCES) + PARTS - 1 - part) // PARTS
    if not count:
        return
    lives = seed(number)(type("Life", (Life,), {}))
    limits = settings(max_examples=count, stateful_step_count=8, print_blob=True, database=None)
    run_state_machine_as_test(lives, settings=limits)
    print(f"{count} lives of films, drawn from {number}")
