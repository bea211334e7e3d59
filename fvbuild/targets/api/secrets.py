"""Keys: found in the environment or a ``.env`` file, sent to their provider, and shown to nobody.

Everything that leaves this package as text goes through :class:`Redactor`, since a provider may
well put the key into its answer.
"""

from __future__ import annotations

import hmac
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from fvbuild.errors import FilmBuildError, UsageError
from fvbuild.targets.api.spellings import spellings

ENV_FILE = ".env"
_SCHEME = "secret://"
# Shorter than this it is no key, and hiding it would only garble words.
_SHORTEST = 6
# What stands where a longer text went on.
_CUT = "..."

Value = TypeVar("Value")


class Secret:
    """A key that can be sent but not shown: printing, pickling and JSON give nothing away."""

    __slots__ = ("_text", "name")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text

    def reveal(self) -> str:
        """The key itself, for the header that it goes into."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({self.name})"

    __str__ = __repr__

    def __format__(self, _form: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


class Redactor:
    """Takes known secrets out of texts, in every spelling in which one travels."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._plain: dict[str, str] = {}
        self._guard = threading.Lock()

    def learn(self, name: str, text: str) -> None:
        """Hide this from now on, as ``[secret NAME]``, or ``[secret NAME as hex]`` and the like."""
        if len(text) < _SHORTEST:
            return
        with self._guard:
            known, plain = dict(self._shown), dict(self._plain)
            for how, form in spellings(text):
                shown = known.setdefault(
                    form, f"[secret {name} {how}]" if how else f"[secret {name}]"
                )
                plain.setdefault(shown, form)
            self._plain = plain
            # Longer ones first: one secret may contain another.
            self._shown = dict(sorted(known.items(), key=lambda item: -len(item[0])))

    def text(self, text: str) -> str:
        """The text without secrets."""
        for form, shown in self._shown.items():
            if form in text:
                text = text.replace(form, shown)
        return self._without_beginnings(text) if _CUT in text else text

    def _without_beginnings(self, text: str) -> str:
        """A text that was cut to a length may have been cut inside of a secret."""
        *cut, last = text.split(_CUT)
        for at, part in enumerate(cut):
            for form, shown in self._shown.items():
                lengths = range(min(len(form), len(part)), _SHORTEST - 1, -1)
                found = next((size for size in lengths if part.endswith(form[:size])), 0)
                if found:
                    # In which spelling it began cannot be told from a beginning.
                    whose = shown.removesuffix("]").split(" ")[1]
                    cut[at] = part = f"{part[:-found]}[secret {whose}]"
        return _CUT.join((*cut, last))

    def raw(self, data: bytes) -> bytes:
        """The same for bytes which are text."""
        for form, shown in self._shown.items():
            data = data.replace(form.encode(), shown.encode())
        return data

    def value(self, value: Value) -> Value:
        """The same for everything in a JSON value, names of fields too."""
        return _walk(value, self.text)  # type: ignore[no-any-return]  # of the same shape as value

    def restore(self, value: Value) -> Value:
        """The JSON value as it was before :meth:`value`, for ids that hold a secret."""

        def back(text: str) -> str:
            for shown, plain in self._plain.items():
                text = text.replace(shown, plain)
            return text

        return _walk(value, back)  # type: ignore[no-any-return]  # of the same shape as value

    def error(self, error: FilmBuildError) -> FilmBuildError:
        """The same error without secrets and without a cause, whose text nobody has looked at."""
        error.message = self.text(error.message)
        error.place = self.text(error.place) if error.place else error.place
        error.hint = self.text(error.hint) if error.hint else error.hint
        error.args = tuple(self.text(a) if isinstance(a, str) else a for a in error.args)
        error.__cause__ = error.__context__ = None
        return error

    def watch(self) -> Callable[[bytes], bool]:
        """Looks through bytes as they come, piece by piece: True once a secret has gone by."""
        forms = [form.encode() for form in self._shown]
        longest = max(map(len, forms), default=1)
        rest = b""

        def seen(piece: bytes) -> bool:
            nonlocal rest
            data = rest + piece
            rest = data[-longest:]
            return any(form in data for form in forms)

        return seen


class Secrets:
    """Where keys are looked for: the environment first, then ``.env`` files in the order given."""

    def __init__(
        self, environment: Mapping[str, str] | None = None, folders: Sequence[Path] = ()
    ) -> None:
        self._environment = os.environ if environment is None else environment
        self._folders = tuple(dict.fromkeys(folders))
        self._files: list[Mapping[str, str | None]] | None = None
        self.redactor = Redactor()

    def find(self, names: Iterable[str]) -> Secret | None:
        """The first of these variables that is set to something, or None.

        Raises UsageError for a ``.env`` file that cannot be read.
        """
        for name in names:
            for source in (self._environment, *self._env_files()):
                text = (source.get(name) or "").strip()
                if text:
                    self.redactor.learn(name, text)
                    return Secret(name, text)
        return None

    def _env_files(self) -> list[Mapping[str, str | None]]:
        if self._files is None:
            there = [folder / ENV_FILE for folder in self._folders]
            self._files = [_read_env(file) for file in there if file.is_file()]
        return self._files


def _read_env(file: Path) -> Mapping[str, str | None]:
    """A value is what is written: nothing of the environment is put into it."""
    from io import StringIO

    from dotenv import dotenv_values

    from fvbuild.film.source import Unreadable, decode, read_source

    try:
        text = decode(read_source(file)[0])
    except Unreadable as error:
        place = f"{file}:{error.line}:{error.column}"
        raise UsageError(error.message, place=place, hint=error.hint) from None
    return dotenv_values(stream=StringIO(text), interpolate=False)


def variable_of(reference: str) -> str | None:
    """The variable that ``secret://NAME`` refers to; None if it is no such reference."""
    name = reference.removeprefix(_SCHEME)
    valid = reference.startswith(_SCHEME) and name.isidentifier() and name.isascii()
    return name if valid else None


def _walk(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {_walk(key, change): _walk(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(inner, change) for inner in value]
    return value
