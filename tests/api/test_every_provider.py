"""Every call of every shipped provider at its fake: as it is sent, and as it goes well."""

from __future__ import annotations

import pytest
from asked import Desk
from every_call import Case, all_cases, description, one_a_call
from syrupy.assertion import SnapshotAssertion

from fvbuild.targets.api.load import shipped


def test_no_call_is_left_out() -> None:
    covered = {(case.provider, case.call) for case in one_a_call()}
    assert covered == {(name, call) for name in shipped() for call in description(name).calls}


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_what_is_sent(desk: Desk, case: Case, snapshot: SnapshotAssertion) -> None:
    with desk.listening() as sent:
        outcome = desk.ask(case)
    assert desk.written(case, sent) == snapshot
    (made,) = outcome.outputs
    assert (made.path is not None and made.path.stat().st_size > 0) or made.text
