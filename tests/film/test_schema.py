from __future__ import annotations

from typing import Any

import pytest
from ferry import FERRY
from jsonschema import Draft202012Validator

from fvbuild import resources
from fvbuild.film.schema import film_schema, schema_text


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return film_schema()


def data(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(text)


def test_the_written_schema_is_current() -> None:
    written = resources.schema("film.schema.json").read_text("utf-8")
    assert written == schema_text(), "write it again: fvbuild schema"


def test_it_is_a_schema_of_its_dialect(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    "film",
    [
        FERRY.replace("boy of 9, black curls", '"boy of 9, black curls"'),
        "film: The Lighthouse\nshots: [a keeper climbs]",
        "film: {title: {en: Coat, fr: Manteau}, size: 9:16}\n"
        "matrix: {lang: [en, fr], ratio: {tall: {film: {size: 9:16}}, wide: null}}\n"
        "shots: [{action: a, camera: spins like a leaf, duration: 5, takes: {anchor: 2}}]",
        "characters: {mara: tall}",
    ],
)
def test_films_are_valid(schema: dict[str, Any], film: str) -> None:
    faults = list(Draft202012Validator(schema).iter_errors(data(film.replace("9:16", "'9:16'"))))
    assert not faults, faults


@pytest.mark.parametrize(
    "film",
    [
        "film: T\nshots: [{action: a, camra: pan left}]",
        "film: T\nshots: [{action: a, mode: keyfrme}]",
        "film: T\nshots: [{action: [a]}]",
        "film: T\nuse: {anchr: sketch}",
        "film: T\nprofiles: {draft: {inclde: x}}",
        "film: T\nshots: [{action: a, takes: 0}]",
        "film: {size: 10}\nshots: [a]",
    ],
)
def test_faulty_films_are_not(schema: dict[str, Any], film: str) -> None:
    assert list(Draft202012Validator(schema).iter_errors(data(film)))


def test_every_field_is_described_with_examples(schema: dict[str, Any]) -> None:
    undescribed = [
        f"{name}.{field}"
        for name, definition in schema["$defs"].items()
        for field, prop in definition.get("properties", {}).items()
        if not prop.get("description") and "$ref" not in prop
    ]
    assert not undescribed
    shown = schema["$defs"]["Shot"]["properties"]
    assert all(prop.get("examples") for prop in shown.values())


def test_vocabulary_is_offered_and_free_text_taken(schema: dict[str, Any]) -> None:
    camera = schema["$defs"]["Shot"]["properties"]["camera"]["anyOf"]
    assert "dolly in" in camera[0]["enum"]
    assert {"type": ["string", "number"]} in camera[1:]
