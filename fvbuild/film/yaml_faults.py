"""What a YAML parser complains about, in words that say what to do."""

from __future__ import annotations

import re
from typing import Any

from fvbuild.film.source import Sources
from fvbuild.film.tree import pack_position

# https://yaml.org/spec/1.2.2/#51-character-set
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff"
)

_WORDS = (
    (
        "mapping values are not allowed",
        "a ':' cannot stand here",
        "put a text that holds ': ' in quotes, and give fields of one mapping the same indentation",
    ),
    (
        "found unexpected end of stream",
        "a quote is opened here and never closed",
        "close it, or double a quote inside of the text",
    ),
    (
        "could not find expected ':'",
        "a ':' is missing",
        "write `field: value`, and quote a text of several lines",
    ),
    (
        "did not find expected key",
        "this does not continue the mapping begun above",
        "check the indentation: fields of one mapping begin in the same column",
    ),
    (
        "did not find expected '-' indicator",
        "this does not continue the list begun above",
        "check the indentation: every item begins with '- ' in the same column",
    ),
    (
        "did not find expected ',' or ']'",
        "a list opened with '[' is not closed",
        "add ']', or a ',' between the items",
    ),
    (
        "did not find expected ',' or '}'",
        "a mapping opened with '{' is not closed",
        "add '}', or a ',' between the fields; quote a text which holds such signs",
    ),
    (
        "did not find expected node content",
        "a value is missing, or a '[' or '{' above is not closed",
        "add the value, or the closing bracket",
    ),
    (
        "block sequence entries are not allowed",
        "a list item cannot stand here",
        "begin the list on a line of its own",
    ),
    ("found unknown escape character", "an unknown \\ escape", "write \\\\ for a plain \\"),
    (
        "found undefined tag handle",
        "this tag means nothing here",
        "take it out; a text that begins with ! is written in quotes",
    ),
    (
        "invalid Unicode character escape",
        "this escape is no character",
        "write the character itself",
    ),
)


def report_parse_error(sources: Sources, file: int, error: Any) -> None:
    """Report a libyaml error at its place."""
    text = sources.texts[file]
    if hasattr(error, "position"):
        at = _position_of_control(file, text)
        sources.error(
            at,
            f"a control character (U+{_code(error.character):04X})",
            "remove it; your editor may show it only on request",
        )
        return
    mark = error.problem_mark or error.context_mark
    problem = error.problem or "cannot be read"
    if "end of stream" in problem and error.context_mark is not None:
        mark = error.context_mark
    at = pack_position(file, mark.line, mark.column) if mark else pack_position(file, 0, 0)
    message, hint = _in_our_words(problem, text, mark)
    sources.error(at, message, hint)


def _in_our_words(problem: str, text: str, mark: Any) -> tuple[str, str]:
    if "cannot start any token" in problem and mark is not None:
        char = text[mark.index : mark.index + 1]
        if char == "\t":
            return "a tab cannot indent", "YAML is indented with spaces"
        return f"a text cannot begin with '{char}'", "put the text in quotes"
    for theirs, message, hint in _WORDS:
        if theirs in problem:
            return message, hint
    return f"not YAML: {problem}", "check quotes, colons and indentation here"


def _code(character: Any) -> int:
    return ord(character) if isinstance(character, str) else int(character)


def _position_of_control(file: int, text: str) -> int:
    """Where the first character stands that YAML does not print; libyaml counts it in bytes."""
    found = _UNPRINTABLE.search(text)
    index = found.start() if found else 0
    before = text[:index]
    return pack_position(file, before.count("\n"), index - (before.rfind("\n") + 1))
