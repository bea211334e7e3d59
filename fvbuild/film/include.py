"""The files of a film made into one tree."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from fvbuild.film.paths import inside
from fvbuild.film.source import SourceFile, Sources, Unreadable, decode, read_source
from fvbuild.film.tree import Map, Seq, pack_position
from fvbuild.film.yaml_reader import read_yaml

MAX_FILES = 2000
_JOINED_LISTS = frozenset({"acts", "scenes", "shots", "narration", "effects"})
_NOT_MERGED = ("film", "include")


class Files:
    """Reads a film's file and all it includes. ``read`` are the files, in the order of reading."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.read: list[SourceFile] = []
        self._open: list[str] = []
        self._done: dict[str, int] = {}

    def tree(self, name: str) -> Map | None:
        """The whole film's tree from its first file; None when there is none to speak of."""
        return self._tree(name, 0, None)

    def _tree(self, name: str, asked_at: int, asked_by: str | None) -> Map | None:
        file = self._text(name, asked_at, asked_by)
        if file is None:
            return None
        before = len(self.sources.found)
        root = read_yaml(self.sources, file)
        top = pack_position(file, 0, 0)
        if not isinstance(root, Map):
            if len(self.sources.found) == before:
                what = "is empty" if root is None else "is no mapping"
                begin = "`film: A Title`" if asked_by is None else "a section such as `scenes:`"
                self.sources.error(top, f"the file {what}", f"begin with {begin}")
            return None
        if asked_by is not None and "film" in root:
            self.sources.error(
                root.marks["film"][0],
                "`film` belongs in the film's first file",
                "move it there",
            )
        self._open.append(name)
        self._include(root, name)
        self._open.pop()
        return root

    def _text(self, name: str, asked_at: int, asked_by: str | None) -> int | None:
        try:
            data, file = read_source(self.sources.folder / name)
            number = self.sources.add(name, "")
            self.read.append(file)
            self.sources.texts[number] = decode(data)
            return number
        except Unreadable as error:
            if asked_by is not None and error.message == "no such file":
                self.sources.error(
                    asked_at,
                    f"there is no file '{name}'",
                    f"it is looked for in the film's folder, {self.sources.folder}",
                )
                return None
            known = name in self.sources.names
            number = self.sources.names.index(name) if known else self.sources.add(name, "")
            at = pack_position(number, error.line - 1, error.column - 1)
            self.sources.error(at, error.message, error.hint)
            return None

    def _include(self, root: Map, name: str) -> None:
        wanted = root.get("include")
        if wanted is None:
            return
        if isinstance(wanted, Seq):
            items = list(zip(wanted, wanted.marks, strict=True))
        else:
            items = [(wanted, root.marks["include"][1])]
        for path, at in items:
            inner = self._path(path, at, name)
            if inner is None:
                continue
            tree = self._tree(inner, at, name)
            if tree is not None:
                self._join(root, tree)

    def _path(self, path: Any, at: int, name: str) -> str | None:
        """An included file's path relative to the film's folder; None when it may not be read."""
        if not isinstance(path, str):
            self.sources.error(at, "an include is a path", "write `include: [cast.yaml]`")
            return None
        found = inside(str(PurePosixPath(name).parent / path))
        if found is None:
            self.sources.error(
                at,
                f"'{path}' leads out of the film's folder",
                "keep all files of a film in its folder",
            )
            return None
        if found in self._open:
            loop = " -> ".join([*self._open[self._open.index(found) :], found])
            self.sources.error(at, f"files include each other: {loop}", "take one include out")
            return None
        if found in self._done:
            self.sources.error(at, f"'{found}' is included twice", "include it once")
            return None
        if len(self._done) >= MAX_FILES:
            self.sources.error(at, f"more than {MAX_FILES} files", "use fewer, larger files")
            return None
        self._done[found] = at
        return found

    def _join(self, root: Map, more: Map) -> None:
        """Add an included file's sections: by id, lists behind those that are there."""
        for section, value in more.items():
            if section in _NOT_MERGED:
                continue
            mark = more.marks[section]
            if section not in root or root[section] is None:
                root.put(section, value, mark)
            else:
                self._join_section(root, section, value, mark)

    def _join_section(self, root: Map, section: str, value: Any, mark: tuple[int, int]) -> None:
        mine = root[section]
        if section in _JOINED_LISTS and isinstance(mine, Seq) and isinstance(value, Seq):
            joined = Seq()
            joined.end = mine.end
            for part in (mine, value):
                joined.extend(part)
                joined.marks.extend(part.marks)
            root.put(section, joined, root.marks[section])
        elif isinstance(mine, Map) and isinstance(value, Map):
            joined_map = mine.copy()
            root.put(section, joined_map, root.marks[section])
            for key, item in value.items():
                if key not in joined_map:
                    joined_map.put(key, item, value.marks[key])
                elif key in _JOINED_LISTS:
                    self._join_section(joined_map, key, item, value.marks[key])
                else:
                    self._report_second(key, value.marks[key][0], joined_map.marks[key][0])
        elif value is not None:
            self._report_second(section, mark[0], root.marks[section][0])

    def _report_second(self, key: str, at: int, first: int) -> None:
        self.sources.error(
            at,
            f"'{key}' is defined a second time",
            f"the first one is at {self.sources.place(first)}; keep one of them",
        )
