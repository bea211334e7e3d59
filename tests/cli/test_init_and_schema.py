"""A new film, and the schema that its editor completes it by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fvbuild.cli.main import entry
from fvbuild.errors import Exit
from fvbuild.resources import schema


def test_a_new_film_has_nothing_to_remark_and_can_be_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my film"
    assert entry(["init", str(folder)]) == Exit.DONE
    told = capsys.readouterr()
    assert "fvbuild build" in told.err
    ignored = (folder / ".gitignore").read_text().splitlines()
    assert [line for line in ignored if line[:1] not in ("", "#")] == ["/out/", "/cache/", ".env"]
    assert (folder / "schemas/film.schema.json").read_bytes() == (
        schema("film.schema.json").read_bytes()
    )
    first = (folder / "film.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=schemas/film.schema.json"

    assert entry(["check", "-f", str(folder)]) == Exit.DONE
    told = capsys.readouterr()
    assert "nothing to remark" in told.out
    assert told.err == ""

    assert entry(["plan", "-f", str(folder), "--json"]) == Exit.DONE
    plan = json.loads(capsys.readouterr().out)
    assert plan["totals"]["blocked"] == 0
    assert {"cut", "door/reads/speech", "door/falls/transition"} <= {
        step["node"] for step in plan["steps"]
    }


def test_nothing_that_exists_is_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    assert entry(["init", str(tmp_path)]) == Exit.DONE
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    (tmp_path / "film.yaml").write_text("film: Mine\n")
    assert entry(["init", str(tmp_path)]) == Exit.USAGE
    assert "nothing was overwritten" in capsys.readouterr().err
    assert (tmp_path / "film.yaml").read_text() == "film: Mine\n"


def test_a_file_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thing").touch()
    assert entry(["init", str(tmp_path / "thing")]) == Exit.USAGE
    assert "is a file, not a folder" in capsys.readouterr().err


def test_a_film_below_a_workspace_joins_it(tmp_path: Path) -> None:
    (tmp_path / "fvbuild.yaml").write_text("pools: {cpu: 2}\n")
    assert entry(["init", str(tmp_path / "a")]) == Exit.DONE
    assert not (tmp_path / "a" / "fvbuild.yaml").exists()


def test_schema_goes_where_it_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert entry(["schema", "--stdout"]) == Exit.DONE
    text = capsys.readouterr().out
    assert json.loads(text)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(tmp_path.iterdir()) == []
    assert entry(["schema"]) == Exit.DONE
    assert (tmp_path / "schemas/film.schema.json").read_text() == text
    assert entry(["schema"]) == Exit.DONE
    assert "is current" in capsys.readouterr().out
    assert entry(["schema", "-o", "s.json"]) == Exit.DONE
    assert (tmp_path / "s.json").read_text() == text
