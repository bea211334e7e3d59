"""Pictures for providers that fetch them from a public address."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake import FakeProviders, media
from films_for_api import clip_action

from fvbuild.errors import ManifestError, RejectedInputError, TargetError
from fvbuild.project.workspace import find
from fvbuild.targets.api.media import Media
from fvbuild.targets.api.place import Place, ProviderPlace
from fvbuild.targets.api.publishing import Publishing
from fvbuild.targets.api.target import create
from fvbuild.targets.api.waiting import RealWaiting

URL = "https://films.example.org/shown/"


def picture(folder: Path) -> Media:
    path = folder / "face of mara.png"
    path.write_bytes(media.made(media.picture((64, 64))))
    return Media(path, "image/png", "ab" * 32)


def test_it_lies_there_under_its_digest(tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    shown.mkdir()
    publishing = Publishing(shown, URL)
    given = picture(tmp_path)
    for _ in range(2):
        assert publishing.publish(given) == f"https://films.example.org/shown/{'ab' * 32}.png"
    assert [path.name for path in shown.iterdir()] == [f"{'ab' * 32}.png"]
    with pytest.raises(TargetError, match="cannot be published"):
        Publishing(tmp_path / "none", URL).publish(given)
    with pytest.raises(RejectedInputError, match="by public address only"):
        given.url()


def test_without_it_such_a_model_takes_no_pictures(tmp_path: Path) -> None:
    def can(place: ProviderPlace) -> tuple[bool, bool]:
        made = create("ray", {"model": "ray-2"}, Place(tmp_path, {"luma": place}), "luma")
        return made.capabilities.first_frame, made.capabilities.last_frame

    assert can(ProviderPlace()) == (False, False)
    assert can(ProviderPlace(publish=Publishing(tmp_path, URL))) == (True, True)


def test_a_clip_starts_from_a_published_picture(
    fake: FakeProviders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RealWaiting, "sleep", lambda *_args: None)
    shown = tmp_path / "shown"
    shown.mkdir()
    here = ProviderPlace(
        base_url=str(fake.base_urls()["luma"]["base_url"]), publish=Publishing(shown, URL)
    )
    ray = create("ray", {"model": "ray-2"}, Place(tmp_path, {"luma": here}), "luma")
    assert ray.make(clip_action(tmp_path)).outputs[0].facts["frames"]
    sent = json.loads(fake.requests("luma", "submit")[0]["body"])
    (published,) = shown.iterdir()
    assert sent["keyframes"]["frame0"]["url"] == URL + published.name


def test_the_workspace_says_where(tmp_path: Path) -> None:
    film, file = tmp_path / "film.yaml", tmp_path / "fvbuild.yaml"
    (tmp_path / "shown").mkdir()
    file.write_text(f"providers: {{luma: {{publish: {{folder: shown, url: '{URL}'}}}}}}\n")
    assert find(film).providers["luma"].publish == Publishing(tmp_path / "shown", URL)
    for wrong in ("{folder: none, url: 'https://a.example'}", "{folder: shown}", "shown"):
        file.write_text(f"providers: {{luma: {{publish: {wrong}}}}}\n")
        with pytest.raises(ManifestError, match=r"fvbuild.yaml:1:\d+: error: 'publish'|'folder'"):
            find(film)
