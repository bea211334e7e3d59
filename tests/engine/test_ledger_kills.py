"""Killed at every operation while it buys: billed at most once a take, and complete after."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest
from faults import KILLED, at_operation, in_child
from shops import PATTERNS, Buyer, Pattern, Shop, Town
from toys import made

from fvbuild.engine.events import Act, Did
from fvbuild.errors import Exit, StateError, StoreError


def _die(_name: str) -> None:
    os._exit(KILLED)


def _town(folder: Path, pattern: Pattern, nodes: int = 1) -> Town:
    shop = Shop(folder / "shop")
    return Town(folder, [Buyer(shop, pattern)], nodes=nodes)


def _recover(town: Town) -> bool:
    """Build until it is complete, as a person would; True when a person had to say something."""
    shop = town.buyers[0].shop
    billed = len(shop.bill())
    report = town.build()
    asked = any(result.exit is Exit.UNRESOLVED for result in report.results)
    if asked:
        assert town.buyers[0].pattern == "sync" or town.buyers[0].pattern == "job"
        assert len(shop.bill()) == billed, "nothing is bought while something is unresolved"
        assert town.plan()["a"].action is Act.BLOCKED
        assert "resolve a --retry" in town.plan()["a"].message
        assert town.resolve(retry=billed > 0) == 1
        report = town.build()
    assert not [r for r in report.results if r.action in (Did.FAILED, Did.SKIPPED)]
    assert town.disk.texts()["a"].startswith("veo made")
    assert made(town.build()) == set()
    assert town.folders() == []
    return asked


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_killed_at_every_operation(tmp_path: Path, pattern: Pattern, after: bool) -> None:
    asked = 0
    for nth in range(1, 300):
        town = _town(tmp_path / f"{nth}", pattern)

        def build(town: Town = town, nth: int = nth) -> None:
            with at_operation(nth, _die, after=after):
                town.build()

        status = in_child(build)
        assert status in (0, KILLED)
        bill = town.buyers[0].shop.bill()
        assert len(bill) <= 1
        unresolved = _recover(town)
        asked += unresolved
        after_all = len(town.buyers[0].shop.bill())
        assert after_all == 1 or (unresolved and bill), "billed at most once a take"
        assert town.spent() == 1.0
        if status == 0:
            assert nth > 15
            assert (asked > 0) is (pattern != "safe")
            return
    raise AssertionError("it never came to an end")


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(
    ("number", "again"), [(errno.ENOSPC, False), (errno.EIO, True)], ids=["full-once", "failing"]
)
def test_refused_by_the_disk_at_every_operation(
    tmp_path: Path, pattern: Pattern, number: int, again: bool
) -> None:
    def refuse(name: str) -> None:
        if name == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        raise OSError(number, os.strerror(number))

    for nth in range(1, 300):
        town = _town(tmp_path / f"{nth}", pattern)
        with at_operation(nth, refuse, again=again) as counter:
            try:
                town.build()
            except (StoreError, StateError) as error:
                assert error.hint
            except OSError:
                assert again or counter.reached()
        bill = town.buyers[0].shop.bill()
        assert len(bill) <= 1
        unresolved = _recover(town)
        assert len(town.buyers[0].shop.bill()) == 1 or (unresolved and bill)
        if not counter.reached():
            return
    raise AssertionError("it never came to an end")
