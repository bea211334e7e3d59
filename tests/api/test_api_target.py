"""A described model as a target: what a film may set, what it can do, and what enters its keys."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fvbuild.engine.digest import Json
from fvbuild.engine.target import Capabilities
from fvbuild.errors import FilmBuildError, UsageError
from fvbuild.targets import registry
from fvbuild.targets.api.facts import as_json, from_json
from fvbuild.targets.api.known import known
from fvbuild.targets.api.load import shipped
from fvbuild.targets.api.place import Place, ProviderPlace
from fvbuild.targets.api.secrets import Secrets
from fvbuild.targets.api.target import ApiTarget, create
from fvbuild.targets.api.ways import offered_s, size_for

ACME = """\
provider: acme
title: Acme
base_url: https://api.acme.example
auth: {secrets: {key: [ACME_KEY, ACME_TOKEN]}, headers: {X-Key: "{{ secrets.key }}"}}
limits: {concurrency: 3}
outcomes: [{when: {match: ok}, then: done}]
calls:
  make: {submit: {method: POST, path: /make, json: {p: "{{ prompt }}"}}, result: {url: url}}
models:
  clip-1:
    makes: {segment: make}
    capabilities: {first_frame: required, last_frame: true, references: 2, seed: true}
    seconds: [4, 6, 10]
    fps: 25
    sizes: [1280x720, 1920x1080, 720x1280]
    prompt: {max_chars: 900}
    dialect: veo
    settings:
      quality: {values: [low, high], default: low}
      steps: {min: 1, max: 50}
      audio: {values: [true, false]}
      tag: {type: text, key: false}
      graph: {type: file}
    prices: [{as_of: 2026-01-01, per_second: 0.1}]
  still-1: {makes: {still: make}, sizes: ["16:9", "1:1", "21:9"], wire: acme/still@1}
  free-1: {
    makes: {still: make},
    sizes: {multiple: 16, pixels: 1000000, max_side: 1600, max_ratio: 3}
    }
  needy-1: {makes: {still: make}, capabilities: {references: 3, references_required: true}}
  url-1: {makes: {still: make}, capabilities: {references: 3}, pictures: {from: url}}
  old-1: {makes: {still: make}, retired: {on: 2026-01-01, successor: still-1}}
  ending-1: {makes: {still: make}, retired: {on: 2999-01-01, note: use a pencil}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme.yaml").write_text(ACME)
    (tmp_path / "graph.json").write_text("{}")
    return tmp_path


def target(folder: Path, model: str = "clip-1", **settings: Json) -> ApiTarget:
    place = Place(folder, secrets=Secrets({}))
    made = registry.create_target(
        "veo", {"provider": "./acme.yaml", "model": model, **settings}, lambda: place
    )
    assert isinstance(made, ApiTarget)
    return made


def test_what_it_can_do(folder: Path) -> None:
    assert target(folder).capabilities == Capabilities(
        kinds=frozenset({"segment"}),
        first_frame=True,
        last_frame=True,
        text_to_video=False,
        references=2,
        seed=True,
        rate_fps="25",
        frames=(100, 250, 50),
        canvas_pixels=1280 * 720,
        dialect="veo",
        prompt_chars=900,
    )
    still = target(folder, "still-1").capabilities
    assert still.kinds == {"reference", "plate", "prop", "anchor", "boundary"}
    assert (still.rate_fps, still.frames) == (None, (1, 1_000_000, 1))
    free = target(folder, "free-1").capabilities
    assert (free.canvas_pixels, free.size_multiple) == (1_000_000, 16)
    assert target(folder, "needy-1").capabilities.kinds == {"anchor", "boundary"}
    assert target(folder, "url-1").capabilities.references == 0


def test_settings_change_what_it_can_do(folder: Path) -> None:
    can = target(folder, size="1920x1080", dialect="kling").capabilities
    assert (can.canvas_pixels, can.dialect) == (1920 * 1080, "kling")


def test_pool_and_slots(folder: Path) -> None:
    # A few more are worked at than are asked for at once.
    assert (target(folder).pool, target(folder).slots) == ("acme", 4)
    place = Place(folder, {"acme": ProviderPlace(concurrency=9)}, secrets=Secrets({}))
    made = registry.create_target(
        "v", {"provider": "./acme.yaml", "model": "clip-1"}, lambda: place
    )
    assert isinstance(made, ApiTarget)
    assert made.slots == 11


# --- what enters keys ----------------------------------------------------------------------------


def test_identity_is_provider_model_and_settings(folder: Path) -> None:
    assert target(folder).identity == {
        "provider": "acme",
        "model": "clip-1",
        "settings": {"quality": "low"},
    }
    set_to = target(folder, quality="high", steps=20, audio=False, tag="x", graph="graph.json")
    found = set_to.identity["settings"]
    assert isinstance(found, dict)
    digest = found.pop("graph")
    assert found == {"quality": "high", "steps": 20, "audio": False}
    assert isinstance(digest, str)
    assert len(digest) == 64


def test_a_file_is_known_by_its_bytes(folder: Path) -> None:
    before = target(folder, graph="graph.json").identity
    (folder / "other.json").write_text("{}")
    assert target(folder, graph="other.json").identity == before
    (folder / "graph.json").write_text("{ }")
    assert target(folder, graph="graph.json").identity != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://api.acme.example", "https://other.example"),
        ("per_second: 0.1", "per_second: 0.2"),
        ("concurrency: 3", "concurrency: 4"),
        ("path: /make", "path: /v2/make"),
        ("title: Acme", "title: ACME"),
        ("ACME_TOKEN", "ACME_SECRET"),
        ("max_chars: 900", "max_chars: 901"),
        ("{match: ok}", "{match: okay}"),
        ("values: [low, high]", "values: [low, high, ultra]"),
    ],
)
def test_what_enters_no_key(folder: Path, old: str, new: str) -> None:
    before = target(folder).identity_of("segment")
    assert ACME.count(old) >= 1
    (folder / "acme.yaml").write_text(ACME.replace(old, new))
    assert target(folder).identity_of("segment") == before


# --- what a film may say -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        ({"model": None}, "which model of acme?", "clip-1 | still-1"),
        ({"model": "clip-2"}, "no model 'clip-2'", "did you mean 'clip-1'?"),
        ({"model": "zzz"}, "no model 'zzz'", "`like: clip-1`"),
        ({"model": "x", "like": "clip-9"}, "`like` names a model", "did you mean 'clip-1'?"),
        ({"qality": "low"}, "no setting 'qality'", "did you mean 'quality'?"),
        ({"quality": "hgh"}, "`quality` cannot be 'hgh'", "did you mean 'high'?"),
        ({"steps": 0}, "`steps` is at least 1", ""),
        ({"steps": 51}, "`steps` is at most 50", ""),
        ({"steps": "many"}, "`steps` is a number", ""),
        ({"audio": "maybe"}, "`audio` cannot be 'maybe'", ""),
        ({"tag": 5}, "`tag` is text", ""),
        ({"graph": "none.json"}, "cannot be read", "relative to the film"),
        ({"size": "640x480"}, "it draws at no size '640x480'", "known here"),
        ({"dialect": 5}, "`dialect` is text", ""),
        ({"price": "cheap"}, "`price` is no price", "per_second"),
        ({"price": {"per_second": "0.1 USD", "per_take": "1 EUR"}}, "`price` is no price", ""),
        ({"price": {"per_frame": "0.1 USD"}}, "`price` is no price", ""),
    ],
)
def test_wrong_settings(folder: Path, settings: dict[str, Any], message: str, hint: str) -> None:
    given = {"model": "clip-1", **settings}
    model = given.pop("model")
    with pytest.raises(UsageError, match="target 'veo'") as caught:
        target(folder, **({"model": model} if model is not None else {"model": None}), **given)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_model_that_is_like_a_known_one(folder: Path) -> None:
    newer = target(folder, "clip-2", like="clip-1")
    assert newer.identity["model"] == "clip-2"
    assert newer.capabilities == target(folder).capabilities
    assert newer.chosen.model.wire == "clip-2"
    # Its price is not that of the other one.
    assert not newer.price("segment", {"frames": 100}).known


def test_a_price_of_ones_own(folder: Path) -> None:
    priced = target(folder, "still-1", price="0.04 EUR").price("anchor", {})
    assert (priced.likely, priced.currency) == (0.04, "EUR")
    per_second = target(folder, price={"per_second": "0.5 USD"})
    assert per_second.price("segment", {"frames": 100}).likely == 2.0
    assert per_second.identity == target(folder).identity


def test_receipts_are_heard(folder: Path) -> None:
    place = Place(
        folder, secrets=Secrets({}), receipts=lambda *of: 0.5 if of[2] == "segment" else 1
    )
    settings: Mapping[str, Json] = {
        "provider": "./acme.yaml",
        "model": "clip-1",
        "price": {"per_second": "0.1 USD"},
    }
    price = registry.create_target("veo", settings, lambda: place).price("segment", {"frames": 100})
    # A certain price stays what it is: receipts move the likely one between the bounds.
    assert (price.min, price.likely, price.max, price.listed) == (0.4, 0.4, 0.4, 0.4)


# --- what is to be known of it -------------------------------------------------------------------


def test_remarks(folder: Path) -> None:
    def remarks(model: str) -> dict[str, tuple[str, str]]:
        return {each.code: each[1:] for each in target(folder, model).remarks()}

    old = remarks("old-1")["retired"]
    assert "was retired on 2026-01-01" in old[0]
    assert old[1] == "use still-1"
    ending = remarks("ending-1")["retired"]
    assert "will be retired on 2999-01-01" in ending[0]
    assert ending[1] == "use a pencil"
    assert set(remarks("still-1")) == {"key"}
    assert "ACME_KEY or ACME_TOKEN is not set" in remarks("still-1")["key"][0]


@pytest.mark.parametrize(
    ("provider", "model", "successor"),
    [
        ("openai", "dall-e-2", "gpt-image-2"),
        ("openai", "dall-e-3", "gpt-image-2"),
        ("openai", "gpt-image-1", "gpt-image-2"),
        ("openai", "chatgpt-image-latest", "gpt-image-2"),
        ("google", "imagen-4.0-generate-001", "gemini-3.1-flash-image"),
        ("google", "veo-3.1-generate-preview", "gemini-omni-1.2-flash"),
        ("luma", "ray-2", "luma-agents ray-3.2"),
    ],
)
def test_an_id_of_old_tutorials_names_its_successor(
    folder: Path, provider: str, model: str, successor: str
) -> None:
    place = Place(folder, secrets=Secrets({}))
    made = registry.create_target("v", {"provider": provider, "model": model}, lambda: place)
    assert isinstance(made, ApiTarget)
    assert [each.hint for each in made.remarks() if each.code == "retired"] == [f"use {successor}"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"runwy": ProviderPlace(concurrency=1)}, "something of 'runwy', and nothing of 'runway'"),
        ({"runway": ProviderPlace(secrets={"kee": "K"})}, "a secret 'kee', which it does not ask"),
        ({"runway": ProviderPlace(secrets={"key": "K"}), "runwy": ProviderPlace()}, None),
        ({"acme": ProviderPlace(), "kling": ProviderPlace()}, None),
    ],
)
def test_what_the_workspace_says_under_a_wrong_name_is_remarked_on(
    folder: Path, said: dict[str, ProviderPlace], told: str | None
) -> None:
    place = Place(folder, said, secrets=Secrets({}))
    made = registry.create_target("v", {"provider": "runway", "model": "gen4.5"}, lambda: place)
    assert isinstance(made, ApiTarget)
    found = [each.message for each in made.remarks() if each.code == "workspace"]
    assert [told in each for each in found] == [True] if told else not found


def test_any_of_its_variables_will_do(folder: Path) -> None:
    for name in ("ACME_KEY", "ACME_TOKEN"):
        trusted = frozenset({"api.acme.example"})
        place = Place(folder, secrets=Secrets({name: "canary-0123"}), trusted=trusted)
        made = create("v", {"model": "still-1"}, place, "./acme.yaml")
        assert made.remarks() == ()


# --- sizes and lengths ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "canvas", "settings", "expected"),
    [
        ("clip-1", (1280, 720), {}, (1280, 720, "16:9", "1280x720")),
        ("clip-1", (1920, 1080), {}, (1920, 1080, "16:9", "1920x1080")),
        ("clip-1", (1480, 620), {}, (1280, 720, "16:9", "1280x720")),
        ("clip-1", (720, 1280), {}, (720, 1280, "9:16", "720x1280")),
        ("still-1", (1480, 620), {}, (1466, 628, "21:9", "21:9")),
        ("still-1", (900, 1000), {"resolution": "1K"}, (1024, 1024, "1:1", "1:1")),
        ("still-1", (1280, 720), {"resolution": "1080p"}, (1920, 1080, "16:9", "16:9")),
        ("free-1", (1333, 750), {}, (1328, 736, "83:46", "1328x736")),
        ("free-1", (4000, 1000), {}, (1600, 528, "100:33", "1600x528")),
    ],
)
def test_the_nearest_size(
    folder: Path,
    model: str,
    canvas: tuple[int, int],
    settings: dict[str, Any],
    expected: tuple[int, int, str, str],
) -> None:
    facts = target(folder, model).chosen.model
    size = size_for(facts, canvas, settings)
    assert (size.width, size.height, size.ratio, size.name) == expected


def test_the_shortest_length_that_is_long_enough(folder: Path) -> None:
    facts = target(folder).chosen.model
    wanted = (0.5, 4.0, 4.001, 6.0, 7.0, 11.0)
    assert [offered_s(facts, seconds) for seconds in wanted] == [4, 4, 6, 6, 10, 10]


# --- facts, kept between runs --------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(shipped()))
def test_facts_survive_being_kept(name: str, tmp_path: Path) -> None:
    facts = known(name, tmp_path, tmp_path / "cache")
    assert from_json(as_json(facts), facts.path, own=False) == facts
    assert known(name, tmp_path, tmp_path / "cache") == facts


def test_what_is_kept_is_never_older_than_the_file(folder: Path) -> None:
    cache = folder / "cache"
    assert known("./acme.yaml", folder, cache).concurrency == 3
    (folder / "acme.yaml").write_text(ACME.replace("concurrency: 3", "concurrency: 4"))
    assert known("./acme.yaml", folder, cache).concurrency == 4
    for kept in cache.iterdir():
        kept.write_text("{}")
    assert known("./acme.yaml", folder, cache).concurrency == 4


def test_a_kept_plan_imports_no_pydantic(folder: Path) -> None:
    import subprocess

    script = (
        "import sys; from pathlib import Path; from fvbuild.targets.registry import create_target; "
        "from fvbuild.targets.api.place import Place; "
        "place = Place(Path('.'), limits_folder=Path('limits')); "
        "t = create_target('x', {'provider': './acme.yaml', 'model': 'clip-1'}, lambda: place); "
        "t.capabilities, t.identity_of('segment'), t.price('segment', {'frames': 100}); "
        "print(sorted({'pydantic', 'httpx', 'jmespath', 'jinja2', 'PIL', 'av'} & set(sys.modules)))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert "pydantic" in told[0]
    assert told[1] == "[]"


# --- the registry --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_model_is_a_target(name: str) -> None:
    folder = shipped()[name].parent
    place = Place(folder, secrets=Secrets({}))
    for id_, model in known(name, folder, None).models.items():
        settings: dict[str, Json] = {"model": "any" if id_ == "*" else id_}
        for setting, told in model.settings.items():
            if told.required:
                settings[setting] = shipped()[name].name if told.type == "file" else "x"
        made = create("t", settings, place, name)
        assert made.capabilities.kinds
        for kind in made.capabilities.kinds:
            asked: dict[str, Json] = {"text": "x", "canvas": [1280, 720], "frames": 96}
            price = made.price(kind, {"action": "x"} if kind in ("caption", "motion") else asked)
            assert price.min <= price.likely <= price.max
            assert made.identity_of(kind)


def test_an_unknown_provider_is_told_with_those_that_are_there() -> None:
    with pytest.raises(UsageError, match="unknown provider 'runwy'") as caught:
        registry.create_target("clip", {"provider": "runwy"})
    assert caught.value.hint == "did you mean 'runway'?"


def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_API_NEEDS", ("no_such_package",))
    with pytest.raises(registry.ProviderAbsentError, match=r"pip install 'fvbuild\[api\]'"):
        registry.create_target("clip", {"provider": "runway", "model": "gen4.5"})


def test_a_wrong_file_is_told_with_its_place(folder: Path) -> None:
    (folder / "acme.yaml").write_text(ACME.replace("makes:", "make:"))
    with pytest.raises(FilmBuildError, match=r"acme.yaml:\d+:\d+: error: unknown field 'make'"):
        target(folder)
