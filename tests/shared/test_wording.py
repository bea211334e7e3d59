"""What is told when a shared store fails in ways that its library has no class of error for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("obstore", reason="needs the extra 'shared'")

from obstore import exceptions

from fvbuild.engine.shared import Shared
from fvbuild.errors import RemoteError
from fvbuild.stores.address import parse
from fvbuild.stores.connect import connect
from fvbuild.stores.wording import as_remote_error

_PLACE = "https://cache.example.org/films"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> Shared:
    return connect(parse(f"file://{folder}"))


def told_of(store: Shared, verb: str) -> str:
    asked: dict[str, Callable[[], object]] = {
        "read": lambda: store.read("cas/ab"),
        "write": lambda: store.write("cas/ab", b"1"),
        "look": lambda: store.has("cas/ab"),
    }
    with pytest.raises(RemoteError) as caught:
        asked[verb]()
    assert caught.value.hint
    return str(caught.value)


@pytest.mark.parametrize("verb", ["read", "write", "look"])
def test_a_folder_that_somebody_changed_is_told_with_its_object(
    store: Shared, folder: Path, verb: str
) -> None:
    (folder / "cas").write_text("no folder any more")
    told = told_of(store, verb)
    assert f"file://{folder}" in told and "cas/ab: Not a directory" in told
    assert ("could not write" if verb == "write" else "could not read") in told
    assert "look at that folder" in told and "Error" not in told


def test_a_loop_of_links_is_told_in_the_systems_words(store: Shared, folder: Path) -> None:
    (folder / "cas").mkdir()
    (folder / "cas" / "ab").symlink_to("ab")
    assert f"could not read cas/ab: {os.strerror(40)}" in told_of(store, "read")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("returned non-2xx status code: 413 Payload Too Large: hello", "no file as large as that"),
        ("returned non-2xx status code: 507 Insufficient Storage", "is full (status 507)"),
        ("returned non-2xx status code: 418 I'm a teapot", "answers with status 418"),
        ("Error decoding PROPFIND response: invalid type", "what makes no sense"),
        ("Got invalid list response: invalid type: string", "what makes no sense"),
        ("HTTP error: request or response body error", "broke off in the middle"),
        ("Received redirect without LOCATION, this normally", "sends us to another address"),
        ("Error performing PUT http://169.254.169.254/latest/api/token", "needs credentials"),
        ("something that nobody has seen: s3cr3t", "gave no reason that is known"),
    ],
)
def test_what_the_library_calls_generic_has_words_of_ours(said: str, told: str) -> None:
    found = as_remote_error(exceptions.GenericError(said), _PLACE, "write", "cas/ab")
    assert told in str(found) and _PLACE in str(found) and found.hint
    assert "Generic" not in str(found) and "s3cr3t" not in str(found)
