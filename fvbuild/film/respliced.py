"""A cache entry brought up to date with an edit inside of one shot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from fvbuild.film.as_written import keeps_shape, shot_as_written
from fvbuild.film.cache import Entry
from fvbuild.film.codec import ROW_ID, Packer, Unpacker, shifted
from fvbuild.film.inherit import Inherited
from fvbuild.film.resolved import Film, Scene, Shot
from fvbuild.film.source import Sources
from fvbuild.film.splice import Edit, Item, find_edit, find_item, read_item
from fvbuild.film.tree import Map

_SCENES = 1 + [field.name for field in fields(Film)].index("scenes")
_SCENE_ID = 1 + [field.name for field in fields(Scene)].index("id")
_SHOTS = 1 + [field.name for field in fields(Scene)].index("shots")


def respliced(
    entry: Entry, folder: Path, name: str, new: str
) -> tuple[Entry, tuple[Film, ...], tuple[str, str]] | None:
    """The entry, the films and the (scene, shot) after an edit of one file; None when in doubt.

    ``entry.splice`` is (ends of the scenes' lists, a (inherited, own words, targets) a variant).
    """
    if entry.splice is None or entry.texts is None or name not in entry.texts:
        return None
    return _Resplice(entry, folder, name, new).films()


class _Resplice:
    def __init__(self, entry: Entry, folder: Path, name: str, new: str) -> None:
        self.entry = entry
        self.name = name
        self.old = (entry.texts or {})[name]
        self.new = new
        self.sources = Sources(folder)
        self.file = self.sources.add(name, new)
        self.ends, self.contexts = entry.splice
        self.files: dict[str, bool] = dict.fromkeys(entry.paths, True)

    def films(self) -> tuple[Entry, tuple[Film, ...], tuple[str, str]] | None:
        edit = find_edit(self.old, self.new)
        item = self._item(edit) if edit is not None else None
        read = read_item(self.sources, self.file, item) if item is not None else None
        if edit is None or item is None or read is None or self._warned(item):
            return None
        packed, films = [], []
        for film, context in zip(self.entry.films, self.contexts, strict=True):
            done = self._film(film, Unpacker().unpack(context), read, item, edit)
            if done is None:
                return None
            packed.append(done[0])
            films.append(done[1])
        shot = films[0].scenes[item.scene].shots[item.shot]
        return self._entry(packed, edit, item), tuple(films), (shot.scene, shot.id)

    def _item(self, edit: Edit) -> Item | None:
        scenes = [(scene[_SCENE_ID], scene[_SHOTS]) for scene in self.entry.films[0][_SCENES]]
        return find_item(edit, self.old, self.new, self.name, scenes, self.ends)

    def _warned(self, item: Item) -> bool:
        """Whether the old text of the item was warned of; such warnings may not hold any more."""
        return any(
            each.place.file == self.name and item.first < each.place.line <= item.end
            for each in Unpacker().unpack(self.entry.warnings)
        )

    def _film(
        self, packed: Any, context: Any, read: tuple[Any, int], item: Item, edit: Edit
    ) -> tuple[Any, Film] | None:
        from fvbuild.film.joins import check_joins

        old_row = packed[_SCENES][item.scene][_SHOTS][item.shot]
        shot = self._shot(packed, context, read, item)
        if shot is None or shot.id != old_row[ROW_ID]:
            return None
        if edit.more:
            packed = shifted(packed, self.name, item.first + 1, edit.more)
        packed = _with_row(packed, item, Packer().shot(shot))
        film: Film = Unpacker().unpack(packed)
        check_joins(self.sources, film.scenes, film.fps)
        return None if self.sources.found else (packed, film)

    def _shot(self, packed: Any, context: Any, read: tuple[Any, int], item: Item) -> Shot | None:
        from fvbuild.film.known import Known
        from fvbuild.film.resolve_shot import ShotResolver

        tree, position = read
        inherited, own_words, targets = context
        film = Unpacker().unpack(_without_shots(packed))
        known = Known.with_words(
            self.sources,
            own_words,
            fps=film.fps,
            lang=film.lang,
            characters={key: tuple(each.wardrobe) for key, each in film.characters.items()},
            locations=frozenset(film.locations),
            props=frozenset(film.props),
            targets=frozenset(targets),
            files=self.files,
        )
        written = self._written(tree, item)
        if written is None:
            return None
        scene: Inherited = inherited[packed[_SCENES][item.scene][_SCENE_ID]]
        own_tree = tree if isinstance(tree, Map) else None
        found = ShotResolver(known).resolve(written, own_tree, position, scene)
        return None if self.sources.found else found

    def _written(self, tree: Any, item: Item) -> Any:
        """The fields of the edited shot; None where the model does not take them."""
        if isinstance(tree, str):
            return tree
        if not isinstance(tree, Map):
            return None
        before = Sources(self.sources.folder)
        old = read_item(before, before.add(self.name, self.old), item._replace(text=item.old))
        if old is not None and keeps_shape(old[0], tree):
            return shot_as_written(tree)
        from pydantic import ValidationError

        from fvbuild.film.model_shot import Shot as ShotModel

        try:
            return ShotModel.model_validate(tree)
        except ValidationError:
            return None

    def _entry(self, films: list[Any], edit: Edit, item: Item) -> Entry:
        entry, after = self.entry, item.first + 1
        ends: Mapping[str, Any] = {
            scene: (file, line + edit.more if file == self.name and line > item.first else line)
            for scene, (file, line) in self.ends.items()
        }
        return replace(
            entry,
            films=films,
            paths=[path for path, there in self.files.items() if there],
            warnings=shifted(entry.warnings, self.name, after, edit.more),
            splice=(ends, self.contexts),
            texts={**(entry.texts or {}), self.name: self.new},
        )


def _with_row(packed: Any, item: Item, row: Any) -> Any:
    """The packed film with one shot replaced; what was packed before stays as it is."""
    scenes = list(packed[_SCENES])
    scene = list(scenes[item.scene])
    rows = list(scene[_SHOTS])
    rows[item.shot] = row
    scene[_SHOTS] = rows
    scenes[item.scene] = tuple(scene)
    return (*packed[:_SCENES], scenes, *packed[_SCENES + 1 :])


def _without_shots(packed: Any) -> Any:
    return (*packed[:_SCENES], [], *packed[_SCENES + 1 :])
