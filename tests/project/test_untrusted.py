"""A fork's film, built untrusted: it spends nothing, reads no secret, and stays in its folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from fake import FakeProviders, media

from fvbuild.cli.main import entry
from fvbuild.errors import Exit
from fvbuild.project import Project
from fvbuild.project.surroundings import place_of
from fvbuild.project.workspace import find

CANARY = "sk-canary-of-the-user-0123456789"
PAID = """\
film: {title: Fork, size: 320x180}
targets: {paint: {provider: runway, model: gen4_image}}
use: {anchor: paint}
shots: [a keeper climbs]
"""
SKETCHED = "film: {title: Fork, size: 320x180}\nshots: [a keeper climbs]\n"
WITH_PICTURE = """\
film: {title: Fork, size: 320x180}
shots: [{id: one, first_frame: art/plate.png, action: a keeper climbs}]
"""


@pytest.fixture
def fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeProviders) -> Iterator[Path]:
    """A checkout beside things that are none of its business; the fake waits to be paid."""
    folder = tmp_path / "fork"
    folder.mkdir()
    private = tmp_path / "private"
    private.mkdir()
    (private / "plate.png").write_bytes(media.made(media.picture((320, 180))))
    (private / "notes.yaml").write_text(f"characters: {{mara: {{look: {CANARY}}}}}\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user-config"))
    monkeypatch.delenv("FVBUILD_WORKSPACE", raising=False)
    monkeypatch.delenv("FVBUILD_UNTRUSTED", raising=False)
    monkeypatch.chdir(folder)
    yield folder
    assert_nothing_leaked(tmp_path)


def assert_nothing_leaked(tmp_path: Path) -> None:
    for folder in (tmp_path / "fork", tmp_path / "user-cache"):
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                assert CANARY.encode() not in path.read_bytes(), path


def write(folder: Path, film: str, **files: str) -> None:
    (folder / "film.yaml").write_text(film)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)


def workspace(fake: FakeProviders, **more: object) -> str:
    return json.dumps({"providers": {**fake.base_urls(), **more}})


def told(capsys: pytest.CaptureFixture[str]) -> str:
    both = capsys.readouterr()
    assert CANARY not in both.out + both.err
    return " ".join((both.out + both.err).split())


# --- money ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_variable", [False, True])
def test_it_spends_nothing(
    fork: Path,
    fake: FakeProviders,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    by_variable: bool,
) -> None:
    write(fork, PAID, fvbuild=workspace(fake))
    options = [] if by_variable else ["--untrusted"]
    if by_variable:
        monkeypatch.setenv("FVBUILD_UNTRUSTED", "1")
    assert entry(["plan", *options]) == 0
    assert "an untrusted build asks no hosted model" in told(capsys)
    for words in (["build"], ["build", "--refresh"], ["take", "main/a-keeper-climbs/anchor"]):
        assert entry([*words, *options]) == Exit.BUDGET
    assert entry(["targets", "--probe", *options]) == 0
    assert (fake.bill(), fake.requests()) == ([], [])


def test_nor_where_a_target_is_said_to_cost_nothing(fork: Path, fake: FakeProviders) -> None:
    """A server of one's own is asked for no money, and is asked nothing all the same."""
    film = PAID.replace(
        "provider: runway, model: gen4_image", "provider: openai-compatible, model: q"
    )
    write(fork, film.replace("anchor: paint", "caption: paint"), fvbuild=workspace(fake))
    assert entry(["build", "--untrusted"]) == Exit.BUDGET
    assert fake.requests() == []


def test_nor_in_place_of_a_target_that_fails(fork: Path, fake: FakeProviders) -> None:
    write(fork, PAID.replace("anchor: paint", "anchor: [sketch, paint]"), fvbuild=workspace(fake))
    assert entry(["build", "--untrusted"]) == 0
    assert fake.requests() == []


def test_nor_for_an_open_purchase(fork: Path, fake: FakeProviders) -> None:
    """What a trusting build began is left to one."""
    write(fork, PAID, fvbuild=workspace(fake))
    fake.script("runway", "hang_up_after", operation="submit")
    assert entry(["build"]) == Exit.UNRESOLVED
    asked = len(fake.requests())
    assert entry(["build", "--untrusted"]) == Exit.UNRESOLVED
    assert entry(["resolve", "main/a-keeper-climbs/anchor", "--retry", "--untrusted"]) == 0
    assert entry(["build", "--untrusted"]) == Exit.BUDGET
    assert len(fake.requests()) == asked


def test_what_was_bought_before_is_shown(
    fork: Path, fake: FakeProviders, capsys: pytest.CaptureFixture[str]
) -> None:
    write(fork, PAID, fvbuild=workspace(fake))
    assert entry(["build"]) == 0
    bought, asked = fake.bill(), len(fake.requests())
    shutil.rmtree(fork / "out")
    told(capsys)
    assert entry(["build", "--untrusted"]) == 0
    assert (fake.bill(), len(fake.requests())) == (bought, asked)
    assert list((fork / "out").rglob("*.mp4"))


# --- secrets --------------------------------------------------------------------------------------


def test_it_has_no_secret(fork: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNWAYML_API_SECRET", CANARY)
    (fork / ".env").write_text("OTHER_KEY=canary\n")
    write(fork, PAID)
    place = place_of(fork, find(fork / "film.yaml", untrusted=True), untrusted=True)
    assert place.secrets.find(["RUNWAYML_API_SECRET", "OTHER_KEY", "PATH"]) is None
    assert not place.trusted and not place.providers


def test_a_provider_of_the_film_is_not_there(
    fork: Path, fake: FakeProviders, capsys: pytest.CaptureFixture[str]
) -> None:
    film = PAID.replace("provider: runway, model: gen4_image", "provider: ./evil.yaml, model: m")
    write(fork, film, evil="provider: [")
    for verb in ("plan", "check", "targets"):
        assert entry([verb, "--untrusted"]) == 0
    assert "is for builds that trust the film" in told(capsys)
    assert entry(["build", "--untrusted"]) == Exit.NODE_FAILED
    assert fake.requests() == []


def test_local_models_of_the_films_choice_are_not_run(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        fork,
        PAID.replace("provider: runway, model: gen4_image", "provider: diffusers, model: ../x"),
    )
    assert entry(["plan", "--untrusted"]) == 0
    assert "(diffusers) is for builds that trust the film" in told(capsys)


def test_what_its_workspace_file_says_counts_for_nothing(fork: Path) -> None:
    """Not even that it is wrong: it is not read."""
    write(fork, SKETCHED, fvbuild="providers: {runway: {base_url: 'https://evil.example'}}\nx: [")
    found = find(fork / "film.yaml", untrusted=True)
    assert (dict(found.providers), dict(found.pools), found.named) == ({}, {}, False)
    assert entry(["build", "--untrusted"]) == 0


def test_that_its_workspace_file_is_ignored_is_said_once(
    fork: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ignored = "comes with the film, so nothing in it counts in an untrusted build"
    write(fork, SKETCHED)
    assert entry(["plan", "--untrusted"]) == 0
    assert "fvbuild.yaml" not in told(capsys), "there is none"
    write(fork, SKETCHED, fvbuild="pools: {cpu: 2}")
    assert entry(["build", "--untrusted"]) == 0
    said = told(capsys)
    assert said.count(ignored) == 1 and f"'{fork / 'fvbuild.yaml'}'" in said
    assert entry(["build"]) == 0
    assert ignored not in told(capsys)
    own = fork.parent / "machine" / "fvbuild.yaml"
    own.parent.mkdir()
    own.write_text("pools: {cpu: 2}")
    monkeypatch.setenv("FVBUILD_WORKSPACE", str(own))
    assert entry(["plan", "--untrusted"]) == 0
    assert ignored not in told(capsys)


def test_what_a_hosted_model_would_make_is_told_with_the_next_step(
    fork: Path, fake: FakeProviders, capsys: pytest.CaptureFixture[str]
) -> None:
    write(fork, PAID, fvbuild=workspace(fake))
    assert entry(["build", "--untrusted"]) == Exit.BUDGET
    said = told(capsys)
    assert "build a profile of it that sketches (--profile NAME)" in said
    assert "build without --untrusted and FVBUILD_UNTRUSTED" in said


# --- its folder -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "target", "film"),
    [
        ("art/plate.png", "private/plate.png", WITH_PICTURE),
        ("art", "private", WITH_PICTURE),
        ("cast.yaml", "private/notes.yaml", SKETCHED + "include: [cast.yaml]\n"),
        ("templates", "private", SKETCHED),
        ("out", "private", SKETCHED),
        ("cache", "private", SKETCHED),
        ("film.lock", "private/notes.yaml", SKETCHED),
        ("deep/er/unused", "private/nothing-yet", SKETCHED),
    ],
)
def test_it_leaves_its_folder_by_no_link(
    fork: Path, capsys: pytest.CaptureFixture[str], link: str, target: str, film: str
) -> None:
    write(fork, film)
    outside = fork.parent / target
    before = sorted(outside.rglob("*"))
    (fork / link).parent.mkdir(parents=True, exist_ok=True)
    (fork / link).symlink_to(outside)
    for verb in ("check", "plan", "build"):
        assert entry([verb, "--untrusted"]) == Exit.USAGE
        assert f"'{link}' leads out of the film's folder" in told(capsys)
    assert sorted(outside.rglob("*")) == before


def test_links_inside_of_it_are_followed(fork: Path) -> None:
    write(fork, WITH_PICTURE)
    (fork / "pool").mkdir()
    shutil.copy(fork.parent / "private" / "plate.png", fork / "pool")
    (fork / "art").symlink_to("pool")
    assert entry(["build", "--untrusted"]) == 0


def test_the_film_itself_is_where_it_was_said_to_be(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fork.parent / "private" / "film.yaml").write_text(SKETCHED)
    (fork / "films").symlink_to(fork.parent / "private")
    assert entry(["check", "--untrusted", "-f", "films"]) == Exit.USAGE
    assert "leads out of this folder" in told(capsys)
    (fork / "films").unlink()
    (fork / "film.yaml").symlink_to(fork.parent / "private" / "film.yaml")
    assert entry(["build", "--untrusted"]) == Exit.USAGE
    assert "'film.yaml' leads out" in told(capsys)


@pytest.mark.parametrize(
    "film",
    [
        WITH_PICTURE.replace("art/plate.png", "../private/plate.png"),
        WITH_PICTURE.replace("art/plate.png", "/etc/plate.png"),
        SKETCHED + "include: [../private/notes.yaml]\n",
        SKETCHED + "sound: {music: {file: ../private/plate.png}}\n",
    ],
)
def test_no_path_of_it_leads_out(fork: Path, capsys: pytest.CaptureFixture[str], film: str) -> None:
    write(fork, film)
    assert entry(["build", "--untrusted"]) == Exit.USAGE
    said = told(capsys)
    assert "outside of the film's folder" in said or "out of the film's folder" in said


def test_no_setting_leads_out(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = "{provider: template, templates: ../private}"
    write(fork, SKETCHED + f"targets: {{words: {target}}}\nuse: {{caption: words}}\n")
    assert entry(["plan", "--untrusted"]) == 0
    assert "reads templates outside of the film's folder" in told(capsys)
    (fork.parent / "private" / "flow.json").write_text("{}")
    target = "{provider: comfyui, model: workflow, workflow: ../private/flow.json}"
    write(fork, SKETCHED + f"targets: {{words: {target}}}\nuse: {{anchor: words}}\n")
    assert entry(["plan", "--untrusted"]) == Exit.USAGE
    assert "leads out of the film's folder" in told(capsys)


def test_a_title_is_no_path(fork: Path) -> None:
    write(fork, SKETCHED.replace("title: Fork", "title: ../../private/film"))
    assert entry(["build", "--untrusted"]) == 0
    assert not list((fork.parent / "private").glob("*.mp4"))


def test_a_sound_that_is_a_playlist_of_other_files_is_no_sound(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """FFmpeg would read what a playlist names, wherever it is."""
    sound_of(fork.parent / "private" / "take.ts")
    (fork / "song.wav").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://{fork.parent}/private/take.ts\n"
        "#EXT-X-ENDLIST\n"
    )
    write(fork, SKETCHED + "sound: {music: {file: song.wav}}\n")
    assert entry(["build", "--untrusted"]) == Exit.USAGE
    assert "cannot be read as sound: Invalid data" in told(capsys)


def sound_of(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mp2", rate=48_000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.int16), "s16", "mono")
        silence.rate = 48_000
        container.mux(stream.encode(silence))
        container.mux(stream.encode(None))


# --- the rest -------------------------------------------------------------------------------------


def test_sketches_are_made_and_nothing_changed_is_known(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(fork, SKETCHED)
    assert entry(["build", "--untrusted"]) == 0
    told(capsys)
    assert entry(["build", "--untrusted"]) == 0
    assert "is up to date" in told(capsys)
    assert Project.open(fork, untrusted=True).untrusted


def test_a_trusting_builds_answer_is_not_an_untrusted_ones(
    fork: Path, fake: FakeProviders, capsys: pytest.CaptureFixture[str]
) -> None:
    """The quick answer of one is not given to the other: this film has a link that leads out."""
    write(fork, WITH_PICTURE)
    (fork / "art").symlink_to(fork.parent / "private")
    assert entry(["build"]) == 0
    assert entry(["build"]) == 0
    assert entry(["build", "--untrusted"]) == Exit.USAGE
