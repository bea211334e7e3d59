"""Keys are found where they should be, and shown nowhere."""

from __future__ import annotations

import base64
import json
import pickle
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.errors import JobFailedError, UsageError
from fvbuild.targets.api.secrets import Redactor, Secret, Secrets, variable_of

CANARY = 'sk-can"ary/with+odd=signs\\end'


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("ACME_KEY", CANARY)
    assert secret.reveal() == CANARY
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>40}", "%s" % (secret,)]  # noqa: UP031  # the old form too
    shown.append(repr([secret, {"a": secret}]))
    assert not any(CANARY in text for text in shown)
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert not hasattr(secret, "__dict__")
    assert secret == Secret("OTHER", CANARY)


def test_the_environment_goes_before_files_and_the_first_file_before_the_second(
    tmp_path: Path,
) -> None:
    first, second = tmp_path / "workspace", tmp_path / "film"
    for folder, text in ((first, "A=first-a\nB='first-b'\n"), (second, "A=x\nC=second $B ${B}\n")):
        folder.mkdir()
        (folder / ".env").write_text(text)
    secrets = Secrets({"A": "from-environment", "EMPTY": " "}, (first, second))

    def value(*names: str) -> str | None:
        found = secrets.find(names)
        return found.reveal() if found is not None else None

    assert value("A") == "from-environment"
    assert value("B") == "first-b"
    assert value("C") == "second $B ${B}", "nothing is put into a value"
    assert value("MISSING", "EMPTY", "B") == "first-b"
    assert value("MISSING") is None


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        ("A=canary\n".encode("utf-16"), ":1:1", "UTF-16"),
        (b"A=1\nB=\xff\n", ":2:3", "byte 0xff is not UTF-8"),
    ],
)
def test_an_env_file_that_is_no_text_is_told_with_its_place(
    tmp_path: Path, data: bytes, place: str, message: str
) -> None:
    (tmp_path / ".env").write_bytes(data)
    with pytest.raises(UsageError, match=message) as caught:
        Secrets({}, (tmp_path,)).find(["A"])
    assert caught.value.place == f"{tmp_path / '.env'}{place}"
    assert caught.value.hint == "save the file as UTF-8"


def test_a_reference_names_a_variable() -> None:
    assert variable_of("secret://RUNWAY_KEY") == "RUNWAY_KEY"
    for wrong in ("RUNWAY_KEY", "secret://", "secret://a b", "env://X", "sk-123"):
        assert variable_of(wrong) is None


@pytest.mark.parametrize(
    "spelled",
    [
        CANARY,
        quote(CANARY, safe=""),
        json.dumps(CANARY)[1:-1],
        base64.b64encode(CANARY.encode()).decode(),
        base64.b64encode(f"user:{CANARY}".encode()).decode(),
        base64.b64encode(f"u:{CANARY}:x".encode()).decode(),
        base64.urlsafe_b64encode(f"ab{CANARY}".encode()).decode(),
        base64.b64encode(CANARY.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(CANARY.encode()).decode().rstrip("="),
        base64.b32encode(CANARY.encode()).decode(),
        base64.b32encode(CANARY.encode()).decode().rstrip("=").lower(),
        *(base64.b32encode(f"{'u' * n}{CANARY}:x".encode()).decode() for n in range(5)),
        CANARY.encode().hex(),
        CANARY.encode().hex().upper(),
        quote(CANARY, safe="").lower(),
        quote_plus(CANARY),
        "".join(f"%{byte:02X}" for byte in CANARY.encode()),
        "".join(f"\\x{byte:02x}" for byte in CANARY.encode()),
        json.dumps(CANARY)[1:-1].replace("/", "\\/"),
        "".join(c if c.isalnum() or c == "-" else f"\\u{ord(c):04X}" for c in CANARY),
    ],
)
def test_every_spelling_is_hidden(spelled: str) -> None:
    redactor = Redactor()
    redactor.learn("KEY", CANARY)
    hidden = redactor.text(f"before {spelled} after")
    assert spelled not in hidden
    assert "[secret KEY" in hidden
    assert hidden.startswith("before")
    shown = hidden.removeprefix("before ").removesuffix(" after")
    assert len(shown.partition("[")[0]) <= 16, "no more than what stands around it is left"
    assert len(shown.rpartition("]")[2]) <= 16
    assert redactor.restore({"id": hidden}) == {"id": f"before {spelled} after"}


@pytest.mark.parametrize("shown", range(6, len(CANARY) + 1))
def test_a_text_that_was_cut_inside_of_a_key_shows_no_beginning_of_it(shown: int) -> None:
    redactor = Redactor()
    redactor.learn("KEY", CANARY)
    cut = f"failed at Acme: wrong key {CANARY[:shown]}...; then more..."
    assert redactor.text(cut) == "failed at Acme: wrong key [secret KEY]...; then more..."
    coded = quote(CANARY, safe="")[:shown]
    assert coded not in redactor.text(f"{coded}...")


def test_errors_and_values_are_hidden_whole() -> None:
    redactor = Redactor()
    redactor.learn("KEY", CANARY)
    error = JobFailedError(f"it said {CANARY}", place=CANARY, hint=f"drop {CANARY}")
    error.__cause__ = ValueError(CANARY)
    redactor.error(error)
    assert CANARY not in f"{error} {error!r} {error.args} {error.__cause__} {error.__context__}"
    value = {"a": [CANARY, {CANARY: 1}], "b": 2}
    hidden = redactor.value(value)
    assert CANARY not in repr(hidden)
    assert redactor.restore(hidden) == value, "an id that holds it can still be asked for"


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_it_is_noticed_in_passing_across_pieces(size: int) -> None:
    redactor = Redactor()
    redactor.learn("KEY", "canary-in-a-file")
    for data, holds in ((b"\0" * 95 + b"canary-in-a-file" + b"\0" * 10, True), (b"ca" * 99, False)):
        seen = redactor.watch()
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        assert any(seen(piece) for piece in pieces) is holds


def test_short_words_are_no_secrets() -> None:
    redactor = Redactor()
    redactor.learn("KEY", "none")
    assert redactor.text("none of it") == "none of it"


@given(st.text(min_size=6, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_text_with_a_secret_keeps_it(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.learn("K", secret)
    hidden = redactor.text(before + secret + after)
    assert secret not in hidden or secret in "[secret K]"
    raw = base64.b64encode((before + secret + after).encode("utf-8", "surrogatepass")).decode()
    assert raw not in redactor.text(raw) or len(secret.encode()) < 12
