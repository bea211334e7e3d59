"""Descriptions are checked whole: each fault once, where it stands, with the next step."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from fvbuild import resources
from fvbuild.errors import UsageError
from fvbuild.targets.api.load import DescriptionFaults, checked, faults_of, load, shipped
from fvbuild.targets.api.schema import provider_schema, schema_text

GOOD = """\
provider: acme
base_url: https://api.acme.example/v1
hosts: {queue: "https://queue.acme.example"}
auth: {secrets: {key: [ACME_KEY]}, headers: {X-Key: "{{ secrets.key }}"}}
outcomes:
  - {when: {match: "state == 'done'"}, then: done}
uploads:
  steps:
    - {method: POST, path: /files, bytes: "{{ media }}", save: {uri: uri}}
    - {path: "/files/{{ saved.uri }}", repeat: {until: ready}}
  gives: "{{ saved.uri }}"
defaults:
  task:
    job: {id: id}
    poll: {path: "/jobs/{{ job.id }}"}
    result: {url: url}
calls:
  make:
    defaults: task
    submit:
      method: POST
      path: /jobs
      json:
        prompt: "{{ prompt }}"
        refs: [{$each: references, u: "{{ item | uploaded }}"}]
        start: {$if: start, uri: "{{ start | data_uri }}"}
        quality: "{{ settings.quality }}"
models:
  m:
    makes: {still: make, segment: [{if: start, call: make}]}
    capabilities: {first_frame: true}
    seconds: [4, 8]
    settings: {quality: {values: [low, high], default: low}}
    prices: [{as_of: 2026-11-01, per_take: {by: quality, low: 1, high: 2}}]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    """Every fault as ``line:column message | hint``."""
    found = faults_of(write(folder, text), "acme.yaml")
    return [f"{d.place.line}:{d.place.column} {d.message} | {d.hint}" for d in found]


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_a_good_one_has_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD) == []
    call = checked(write(tmp_path, GOOD), "acme.yaml").calls["make"]
    assert call.poll is not None
    assert call.poll.every_s == 5
    assert call.result.url == "url"


@pytest.mark.parametrize("name", sorted(shipped()))
def test_what_is_shipped_has_no_fault(name: str) -> None:
    path = shipped()[name]
    assert [each.render() for each in faults_of(path, path.name)] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("makes: {", "make: {", "unknown field 'make' | did you mean 'makes'?"),
        ("then: done", "then: don", "'don' is not known as 'then' | did you mean 'done'?"),
        ("{{ prompt }}", "{{ promt }}", "nothing is called 'promt' here | did you mean 'prompt'?"),
        ("{{ prompt }}", "{{ job.id }}", "'job' here | at this request there is none yet"),
        ("{{ prompt }}", "{{ secrets.key }}", "'secrets' here | keys are shown by `auth"),
        ("{{ prompt }}", "{{ item }}", "nothing is called 'item' here"),
        ("{{ prompt }}", "{{ model.wyre }}", "'model' has no 'wyre' | did you mean 'wire'?"),
        ("{{ prompt }}", "{{ start.path }}", "'start' has no 'path'"),
        ("{{ prompt }}", "{{ prompt", "no template: unexpected end"),
        ("data_uri", "datauri", "No filter named 'datauri'. | did you mean 'data_uri'?"),
        ("{{ settings.quality", "{{ settings.q", "'settings' has no 'q' | declare it"),
        ("secrets.key }}", "secrets.kee }}", "'secrets' has no 'kee' | did you mean 'key'?"),
        ("/jobs/{{ job.id", "/jobs/{{ job.nr", "'job' has no 'nr' | say where it is"),
        ("files/{{ saved.uri", "files/{{ saved.u", "'saved' has no 'u' | save it"),
        ("$if: start", "$fi: start", "unknown sign '$fi' | did you mean '$if'?"),
        ("state == 'done'", "state == done'", "no JMESPath: Bad jmespath"),
        ("match: \"state == 'done'\"", 'text: "(a"', "no regular expression: missing )"),
        ("still: make,", "still: mke,", "there is no call 'mke' | did you mean 'make'?"),
        ("defaults: task", "defaults: tusk", "no defaults 'tusk' | did you mean 'task'?"),
        ("by: quality", "by: qality", "no setting 'qality' | did you mean 'quality'?"),
        ("low: 1, high: 2", "low: 1", "no amount for high | add it, or `else: <amount>`"),
        ("low: 1, high: 2", "low: 1, hgh: 2, else: 3", "'quality' is never 'hgh' | did you mean"),
        ("default: low", "default: mid", "the default 'mid' is none of its values"),
        ("seconds: [4, 8]", "fps: 24", "how long its clips can be is not said"),
        ("first_frame: true", "seed: true", "its clips start from nothing"),
        ("then: done", "then: failed", "no rule says when the job is done"),
        ("job: {id: id}", "receipt: {usd: c}", "it polls for no job"),
        ("base_url: https", "base_url: http", "http sends keys and pictures in clear"),
        ("provider: acme", "provider: acne", "the file of 'acne' is called acme"),
        ("path: /jobs\n", "path: /jobs\n      host: q\n", "no host 'q'"),
        ("path: /jobs\n", "path: /jobs\n      form: {a: b}\n", "a request has one body"),
        ("    defaults: task\n", "    defaults: task\n    resubmit: safe\n", "submit it twice"),
        ("{url: url}", "{url: url, decode: wav_form_pcm}", "wav_form_pcm"),
        ("{url: url}", "{url: url, text: t, body: true}", "a result is in the body itself"),
        ("X-Key: ", "? [a]\n: ", "key must be plain text"),
    ],
)
def test_one_fault_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    found = faults(tmp_path, changed(old, new))
    assert any(expected in each for each in found), found
    line = GOOD.split(old)[0].count("\n") + 1
    places = [int(each.split(":")[0]) for each in found if expected in each]
    assert min(abs(place - line) for place in places) <= 9


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("segment: [{if", "clip: [{if", "'clip' is not known as a kind of node"),
        ("{by: quality, low: 1, high: 2}", "-5", "'per_take' is at least 0.0, not -5"),
        ("{by: quality, low: 1, high: 2}", ".nan", "'per_take' takes a number"),
        ("seconds: [4, 8]", "seconds: [4, .inf]", "an item of 'seconds' takes a number"),
    ],
)
def test_what_may_have_several_forms_is_told_once(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    (told,) = faults(tmp_path, changed(old, new))
    assert expected in told


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("makes: {", "make: {").replace("{{ prompt }}", "{{ promt }}")
    text = text.replace("state == 'done'", "state == done'").replace("then: done", "then: don")
    found = "\n".join(faults(tmp_path, text))
    for expected in ("'make'", "'promt'", "no JMESPath", "'don'"):
        assert expected in found


def test_a_file_that_is_none(tmp_path: Path) -> None:
    assert "no such file" in faults_of(tmp_path / "x.yaml", "x.yaml")[0].message
    assert "no mapping" in faults(tmp_path, "- a\n")[0]
    assert "no mapping" in faults(tmp_path, "")[0]


def test_numbers_and_days_are_read_as_they_are_written(tmp_path: Path) -> None:
    model = checked(write(tmp_path, GOOD), "acme.yaml").models["m"]
    assert model.prices[0].as_of == "2026-11-01"
    assert model.seconds == [4, 8]


def test_a_name_is_looked_for_among_the_shipped() -> None:
    assert load("runway").name == "runway"
    with pytest.raises(UsageError, match="runwey"):
        load("runwey")


def test_an_own_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert load("./acme.yaml", tmp_path).description.title is None
    write(tmp_path, GOOD.replace("provider: acme", "provider: acme\ntitle: Acme"))
    assert load("./acme.yaml", tmp_path).description.title == "Acme"
    write(tmp_path, GOOD.replace("provider: acme", "provider: acme\ntitel: Acme"))
    with pytest.raises(DescriptionFaults, match="did you mean 'title'"):
        load("./acme.yaml", tmp_path)


# --- the schema ---------------------------------------------------------------------------------


def test_the_written_schema_is_current() -> None:
    written = resources.schema("provider.schema.json").read_text("utf-8")
    assert written == schema_text(), "write it again: fvbuild schema"


def data(text: str) -> object:
    from ruamel.yaml import YAML

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {str(key): plain(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        return value if isinstance(value, str | int | float | bool | None) else str(value)

    return plain(YAML(typ="safe", pure=True).load(text))


def test_the_schema_takes_what_the_models_take() -> None:
    schema = provider_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for text in (GOOD, *(path.read_text("utf-8") for path in shipped().values())):
        assert [each.message for each in validator.iter_errors(data(text))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("makes: {", "make: {"),
        ("then: done", "then: don"),
        ("base_url: https", "base_url: ftp"),
        ("seconds: [4, 8]", "seconds: soon"),
        ("method: POST\n", "method: FETCH\n"),
    ],
)
def test_the_schema_refuses_what_the_models_refuse(old: str, new: str) -> None:
    validator = Draft202012Validator(provider_schema())
    assert list(validator.iter_errors(data(changed(old, new))))


def test_every_field_is_described() -> None:
    for name, part in provider_schema()["$defs"].items():
        for field, told in part.get("properties", {}).items():
            assert told.get("description") or "$ref" in told, f"{name}.{field}"
