"""A clip whose first answer was lost is found by the id that was given to it, and paid for once."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake import FakeProviders
from films_for_api import clip_action

from fvbuild.targets.api.place import Place, ProviderPlace
from fvbuild.targets.api.target import create
from fvbuild.targets.api.waiting import RealWaiting


def test_kling_finds_the_job_by_our_id(
    fake: FakeProviders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RealWaiting, "sleep", lambda *_args: None)
    urls = fake.base_urls()["kling"]
    place = Place(tmp_path, {"kling": ProviderPlace(base_url=str(urls["base_url"]))})
    kling = create("kling", {"model": "kling-v2-6"}, place, "kling")
    fake.script("kling", "hang_up_after", operation="submit")
    outcome = kling.make(clip_action(tmp_path))
    assert outcome.outputs[0].facts["frames"]
    assert len(fake.bill()) == 1
    assert len(fake.requests("kling", "submit")) == 2
