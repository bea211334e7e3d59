"""YAML 1.2 into trees that keep every position, over libyaml's event stream.

Thirty times quicker than a round-trip loader. Keys are always text. Anchors, aliases, merge keys
and the standard tags are understood; what a film cannot mean (doubled keys, other tags, a second
document, recursion, explosions of aliases, control characters) is reported with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ruamel.yaml import events
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]  # it is re-exported
from ruamel.yaml.error import YAMLError

from fvbuild.film.scalars import MAYBE_TYPED, TAGS, resolve_plain, resolve_tagged
from fvbuild.film.source import Sources
from fvbuild.film.tree import Map, Seq, pack_position
from fvbuild.film.yaml_faults import report_parse_error
from fvbuild.film.yaml_signs import in_disguise

MAX_DEPTH = 40
"""Nesting deeper than this is an error; a film needs ten."""

MAX_ALIASED = 250_000
"""How many nodes aliases may stand for in all."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_MERGE = "<<"
_OPEN = object()
_LINE = 1 << 16

_Scalar = events.ScalarEvent
_MapEnd = events.MappingEndEvent
_SeqEnd = events.SequenceEndEvent


class Stop(Exception):
    """The document is of no further use; its fault was reported."""


def read_yaml(sources: Sources, file: int) -> Any:
    """The tree of one file: a Map, Seq or scalar; None when it is empty or broken.

    Faults are reported to ``sources``; the tree is then as good as it could be read.
    """
    reader = Reader(sources, file)
    try:
        return reader.read()
    except Stop:
        return None
    except YAMLError as error:
        report_parse_error(sources, file, error)
        return None
    finally:
        sources.indirect |= reader.indirect


class Reader:
    """Reads one document, whose text begins at a line of its file.

    indirect: tells afterwards whether it used anchors, aliases or tags, so that no part of it can
    be read by itself.
    """

    def __init__(self, sources: Sources, file: int, first_line: int = 0) -> None:
        self.sources = sources
        self.text = sources.texts[file]
        self.base = pack_position(file, first_line, 0)
        self.indirect = False
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._aliased = 0

    def read(self) -> Any:
        """The value of the document; raises libyaml's errors on bad syntax."""
        try:
            return self._read(CParser(self.text).get_event)
        except YAMLError:
            disguised = in_disguise(self.text)
            if disguised is None:
                raise
        self._anchors.clear()
        self._nodes = self._aliased = 0
        return self._read(disguised)

    def _read(self, next_event: Callable[[], Any]) -> Any:
        self._next = next_event
        self._next()
        event = self._next()
        if isinstance(event, events.StreamEndEvent):
            return None
        if event.version is not None or event.tags:
            self.indirect = True
        value = self._value(self._next(), 0)
        self._next()
        extra = self._next()
        if not isinstance(extra, events.StreamEndEvent):
            self.sources.error(
                self._at(extra.start_mark),
                "a second document begins here",
                "a film is one document: take out the line `---`, or `include` another file",
            )
        return value

    def _at(self, mark: Any) -> int:
        """Position of a parser's mark."""
        column = mark.column
        return int(self.base + mark.line * _LINE + (column if column < _LINE else _LINE - 1))

    def _value(self, event: Any, depth: int) -> Any:
        if type(event) is _Scalar:
            return self._scalar(event)
        if type(event) is events.AliasEvent:
            return self._alias(event)
        if depth >= MAX_DEPTH:
            self.sources.error(
                self._at(event.start_mark),
                f"nested more than {MAX_DEPTH} levels deep",
                "a film needs no more than ten levels",
            )
            raise Stop
        anchor, nodes = event.anchor, self._nodes
        if event.tag is not None:
            self._check_collection_tag(event)
        if anchor is not None:
            self.indirect = True
            self._anchors[anchor] = (_OPEN, 0)
        is_map = type(event) is events.MappingStartEvent
        value: Any = self._mapping(depth) if is_map else self._sequence(depth)
        if anchor is not None:
            self._anchors[anchor] = (value, self._nodes - nodes)
        return value

    def _mapping(self, depth: int) -> Map:
        new = Map()
        marks, next_event, base = new.marks, self._next, self.base
        merged: list[tuple[Any, int]] = []
        while type(event := next_event()) is not _MapEnd:
            mark = event.start_mark
            column = mark.column
            at = base + mark.line * _LINE + (column if column < _LINE else _LINE - 1)
            key, after_key = self._key(event, at), event.end_mark.index
            event = next_event()
            mark = event.start_mark
            column = mark.column
            value_at = base + mark.line * _LINE + (column if column < _LINE else _LINE - 1)
            if type(event) is _Scalar and event.implicit[0] and event.anchor is None:
                value: Any = event.value
                if not value or value[0] in MAYBE_TYPED:
                    if not value and ":" not in self.text[after_key : mark.index + 1]:
                        new.lone = {*(new.lone or ()), key}
                    value = resolve_plain(value)
            else:
                value = self._value(event, depth + 1)
            if key == _MERGE:
                merged.append((value, value_at))
            elif key in new:
                self._report_double(new, key, at)
            else:
                new[key] = value
                marks[key] = (at, value_at)
        new.end = self._at(event.start_mark)
        self._nodes += 1 + 2 * len(new)
        for value, value_at in merged:
            self._merge(new, value, value_at)
        return new

    def _sequence(self, depth: int) -> Seq:
        new = Seq()
        next_event = self._next
        while type(event := next_event()) is not _SeqEnd:
            new.marks.append(self._at(event.start_mark))
            new.append(self._value(event, depth + 1))
        new.end = self._at(event.start_mark)
        self._nodes += 1 + len(new)
        return new

    def _key(self, event: Any, at: int) -> str:
        if type(event) is _Scalar:
            if event.anchor is not None or event.tag is not None or not event.implicit[0]:
                self._scalar(event)
            return str(event.value)
        if type(event) is events.AliasEvent:
            key = self._alias(event)
            if not isinstance(key, dict | list):
                return str(key)
        self.sources.error(at, "a key must be plain text", "write `name: value`")
        raise Stop

    def _report_double(self, new: Map, key: str, at: int) -> None:
        first = self.sources.place(new.marks[key][0])
        self.sources.error(
            at, f"'{key}' is given twice", f"the first one is at {first}; keep one of them"
        )

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if event.style == '"' and _CONTROL.search(text):
            self.sources.error(
                self._at(event.start_mark),
                "the text holds a control character",
                "take the \\x.. or \\u.. out of the text",
            )
            text = _CONTROL.sub("", text)
        if event.tag is not None:
            value = self._tagged(event, text)
        else:
            value = resolve_plain(text) if event.implicit[0] else text
        if event.anchor is not None:
            self.indirect = True
            self._anchors[event.anchor] = (value, 1)
        return value

    def _tagged(self, event: Any, text: str) -> Any:
        self.indirect = True
        try:
            if event.tag == "!" or event.tag in TAGS:
                return resolve_tagged(event.tag, text)
            self._unknown_tag(event)
        except ValueError as error:
            self.sources.error(self._at(event.start_mark), str(error), "take out the tag")
        return text

    def _check_collection_tag(self, event: Any) -> None:
        self.indirect = True
        is_map = type(event) is events.MappingStartEvent
        if event.tag not in ("!", "tag:yaml.org,2002:" + ("map" if is_map else "seq")):
            self._unknown_tag(event)

    def _unknown_tag(self, event: Any) -> None:
        tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
        self.sources.error(
            self._at(event.start_mark),
            f"the tag '{tag}' means nothing here",
            "take it out; a text that begins with ! is written in quotes",
        )

    def _alias(self, event: Any) -> Any:
        self.indirect = True
        at = self._at(event.start_mark)
        value, nodes = self._anchors.get(event.anchor, (None, 0))
        if value is _OPEN:
            self.sources.error(at, f"*{event.anchor} stands inside of what it stands for")
            raise Stop
        if event.anchor not in self._anchors:
            self.sources.error(
                at,
                f"*{event.anchor} stands for nothing",
                f"mark what it is to repeat with &{event.anchor}, or put the text in quotes",
            )
            raise Stop
        self._nodes += nodes
        self._aliased += nodes
        if self._aliased > MAX_ALIASED:
            self.sources.error(
                at,
                f"aliases stand for more than {MAX_ALIASED} values",
                "write the film out, or give each file its share with `include`",
            )
            raise Stop
        return value

    def _merge(self, new: Map, value: Any, at: int) -> None:
        """``<<``: what the mapping itself writes wins, then the earlier of several sources."""
        for source in value if isinstance(value, Seq) else [value]:
            if not isinstance(source, Map):
                self.sources.error(
                    at, "`<<` takes a mapping or a list of them", "write `<<: *name`"
                )
                return
            for key, item in source.items():
                if key not in new:
                    new.put(key, item, source.marks[key])
