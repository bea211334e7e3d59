"""An edit inside of one shot, read and resolved by itself.

A film of 10,000 shots takes a second to read; a word changed in one of its shots does not. The
change is found by comparing texts; where it lies within one item of a ``shots:`` list and that item
can be read alone with certainty, only it is. At any doubt the answer is None and all is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from fvbuild.film.codec import ROW_FILE, ROW_LINE
from fvbuild.film.source import Sources
from fvbuild.film.tree import Map, Seq, unpack_position

# Line breaks that only YAML counts: with these, line numbers are not those of "\n".
_ODD_BREAKS = "\r\x85\u2028\u2029"
_DASH = re.compile(r" *- (?! )")
_DOCUMENT_MARK = re.compile(r"^(?:---|\.\.\.|%)", re.MULTILINE)


class Edit(NamedTuple):
    """A change of a text: characters begin..end of the old one, on its lines first..last (from 0).

    more: by how many lines the text grew.
    """

    first: int
    last: int
    more: int
    begin: int
    end: int


class Item(NamedTuple):
    """A shot's item: its scene's and its own index, its old lines first..end - 1, its new and old
    text.
    """

    scene: int
    shot: int
    first: int
    end: int
    text: str = ""
    old: str = ""


def find_edit(old: str, new: str) -> Edit | None:
    """Where two texts differ, as late as the texts allow; None when lines cannot be counted."""
    if any(odd in text for odd in _ODD_BREAKS for text in (old, new)):
        return None
    limit = min(len(old), len(new))
    after = _common_suffix(old, new, limit)
    before = _common_prefix(old, new, limit - after)
    first = old.count("\n", 0, before)
    last = first + old.count("\n", before, len(old) - after)
    grown = new.count("\n", before, len(new) - after) - (last - first)
    return Edit(first, last, grown, before, len(old) - after)


def _common_prefix(a: str, b: str, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(a: str, b: str, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def find_item(
    edit: Edit,
    old: str,
    new: str,
    name: str,
    scenes: Iterable[tuple[str, Sequence[Any]]],
    ends: Mapping[str, tuple[str, int]],
) -> Item | None:
    """The item of file ``name`` that an edit lies in; None when in doubt.

    scenes: id and packed shots. ends: scene -> file of its list, and the line behind it.
    """
    for index, (scene, rows) in enumerate(scenes):
        file, end = ends.get(scene, ("", 0))
        if file != name or not rows or not _line(rows[0]) <= edit.first <= edit.last < end:
            continue
        low, high = 0, len(rows) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if _line(rows[middle]) <= edit.first:
                low = middle
            else:
                high = middle - 1
        stop = _line(rows[low + 1]) if low + 1 < len(rows) else end
        if edit.last >= stop or rows[low][ROW_FILE] != name:
            return None
        return _cut_out(edit, old, new, Item(index, low, _line(rows[low]), stop))
    return None


def _line(row: Any) -> int:
    """The line of a packed shot, from 0."""
    return int(row[ROW_LINE]) - 1


def _cut_out(edit: Edit, old: str, new: str, item: Item) -> Item | None:
    """The item with its new text, from its dash to the line before the next item's."""
    begin = old.rfind("\n", 0, edit.begin) + 1
    for _ in range(edit.first - item.first):
        begin = old.rfind("\n", 0, begin - 1) + 1
    dash = _DASH.match(old, begin)
    if dash is None or edit.begin < dash.end() or item.first == 0:
        return None
    end = edit.end
    for _ in range(item.end - edit.last):
        found = old.find("\n", end)
        if found < 0:
            end = len(old)
            break
        end = found + 1
    text = new[begin : end + len(new) - len(old)]
    if _DOCUMENT_MARK.search(text):
        return None
    return item._replace(text=text, old=old[begin:end])


def read_item(sources: Sources, file: int, item: Item) -> tuple[Any, int] | None:
    """The value of an item read alone, and its position in the file; None when in doubt."""
    from ruamel.yaml.error import YAMLError

    from fvbuild.film.yaml_reader import Reader, Stop

    text = sources.texts[file]
    sources.texts[file] = f"shots:\n{item.text}"
    reader = Reader(sources, file, first_line=item.first - 1)
    try:
        root = reader.read()
    except (Stop, YAMLError):
        return None
    finally:
        sources.texts[file] = text
    if reader.indirect or sources.found or not isinstance(root, Map) or list(root) != ["shots"]:
        return None
    items = root["shots"]
    if not isinstance(items, Seq) or len(items) != 1:
        return None
    position = items.marks[0]
    return (items[0], position) if unpack_position(position)[1] == item.first else None
