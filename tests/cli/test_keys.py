"""``fvbuild keys``: where the private key lies, who sees it, and what others are told."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from telling import Tell

from fvbuild.project.vouching import VARIABLE, own_signer, signer_here, signing_key_file
from fvbuild.stores.signing import KeySigner, signer_of


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(VARIABLE, raising=False)


def test_without_a_key_it_says_how_to_make_one(tell: Tell) -> None:
    told = tell("keys")
    assert told.code == 2
    assert "fvbuild keys new" in told.err
    assert own_signer() is None


def test_a_new_key_is_the_users_alone_and_is_not_shown(tell: Tell) -> None:
    told = tell("keys", "new")
    file = signing_key_file()
    assert told.code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    private = file.read_text().strip()
    assert private not in told.out + told.err
    assert told.out == f"trust: {{NAME: {signer_of(private)}}}\n"
    assert tell("keys").out == told.out
    assert isinstance(signer_here(), KeySigner)


def test_a_key_is_never_written_over(tell: Tell) -> None:
    tell("keys", "new")
    before = signing_key_file().read_bytes()
    told = tell("keys", "new")
    assert told.code == 2
    assert str(signing_key_file()) in told.err
    assert signing_key_file().read_bytes() == before


def test_a_key_for_a_ci_is_printed_and_kept_nowhere(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = tell("keys", "new", "--stdout").out.strip()
    assert not signing_key_file().exists()
    monkeypatch.setenv(VARIABLE, private)
    assert json.loads(tell("keys", "--json").out)["signer"] == signer_of(private)


def test_the_variable_comes_before_the_file(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    tell("keys", "new")
    private = tell("keys", "new", "--stdout").out.strip()
    monkeypatch.setenv(VARIABLE, private)
    assert own_signer() == signer_of(private)


def test_a_kept_key_is_not_printed(tell: Tell) -> None:
    tell("keys", "new")
    told = tell("keys", "--stdout")
    assert told.code == 2
    assert signing_key_file().read_text().strip() not in told.out + told.err


def test_what_is_no_key_is_said_without_repeating_it(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "sesame")
    told = tell("keys")
    assert told.code == 2
    assert "sesame" not in told.out + told.err
