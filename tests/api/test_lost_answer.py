"""A clip whose first answer was lost is found by the id that was given to it, and paid for once."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake import FakeProviders, media

from fvbuild.engine.action import Action, InputFile
from fvbuild.engine.purchase import MemoryPurchases
from fvbuild.targets.api.place import Place, ProviderPlace
from fvbuild.targets.api.target import create
from fvbuild.targets.api.waiting import RealWaiting


@pytest.fixture
def action(tmp_path: Path) -> Action:
    start = tmp_path / "start.png"
    start.write_bytes(media.made(media.picture((640, 360))))
    folder, bought = tmp_path / "made", tmp_path / "bought"
    folder.mkdir()
    bought.mkdir()
    return Action(
        node="pier/one/segment",
        kind="segment",
        params={"canvas": [1280, 720], "frames": 120},
        inputs={
            "start": (InputFile("start", "ab" * 32, start, "image/png"),),
            "motion": (InputFile("motion", "cd" * 32, None, "text/plain", "a ferry leaves"),),
        },
        folder=folder,
        purchases=MemoryPurchases(bought),
    )


def test_kling_finds_the_job_by_our_id(
    fake: FakeProviders, action: Action, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RealWaiting, "sleep", lambda *_args: None)
    urls = fake.base_urls()["kling"]
    place = Place(tmp_path, {"kling": ProviderPlace(base_url=str(urls["base_url"]))})
    kling = create("kling", {"model": "kling-v2-6"}, place, "kling")
    fake.script("kling", "hang_up_after", operation="submit")
    outcome = kling.make(action)
    assert outcome.outputs[0].facts["frames"]
    assert len(fake.bill()) == 1
    assert len(fake.requests("kling", "submit")) == 2
