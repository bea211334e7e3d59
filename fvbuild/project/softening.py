"""Softer words for what a content filter refuses, by rules that are data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from fvbuild.errors import ManifestError
from fvbuild.resources import template
from fvbuild.targets.templates import own_folder

FILE = "softening.yaml"


class Softening:
    """Words -> softer words, the shipped ones with a film's own over them."""

    def __init__(self, rules: Mapping[str, str]) -> None:
        self._rules = {words.casefold(): softer for words, softer in rules.items() if words.strip()}
        longest = sorted(self._rules, key=lambda words: (-len(words), words))
        self._pattern = re.compile(
            r"(?<![\w-])(?:" + "|".join(map(re.escape, longest)) + r")(?![\w-])", re.IGNORECASE
        )

    def soften(self, text: str) -> str:
        """The text with softer words; the same text where none of its words is known."""
        if not self._rules:
            return text
        softer = self._pattern.sub(self._softer, text)
        return text if softer == text else " ".join(softer.split())

    def _softer(self, found: re.Match[str]) -> str:
        words = found[0]
        softer = self._rules[words.casefold()]
        return softer[:1].upper() + softer[1:] if words[:1].isupper() else softer


def softening(film_folder: Path) -> Softening:
    """The rules of a film. Raises ManifestError when its own file is wrong."""
    rules: dict[str, str | None] = dict(_read(template(FILE)))
    own = own_folder(film_folder)
    if own is not None and (own / FILE).is_file():
        rules.update(_read(own / FILE))
    return Softening({words: softer for words, softer in rules.items() if softer is not None})


def _read(file: Path) -> Mapping[str, str | None]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    hint = "one line for each: words: softer words"
    try:
        data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"cannot be read: {error}", place=str(file)) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark is not None else str(file)
        problem = getattr(error, "problem", error)
        raise ManifestError(f"not YAML: {problem}", place=place, hint=hint) from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ManifestError("softening rules are a mapping", place=f"{file}:1:1", hint=hint)
    for words, softer in data.items():
        if not isinstance(words, str) or not isinstance(softer, str | None):
            raise ManifestError(
                f"'{words}' gives {softer!r}, which is no text", place=str(file), hint=hint
            )
    return data
