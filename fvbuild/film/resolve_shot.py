"""One shot: what it wrote, with what it inherits, in canonical words and exact lengths.

Nothing here looks at another shot, so that an edited shot can be resolved by itself; what shots
say of each other is checked in :mod:`fvbuild.film.joins`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from fvbuild.film import measures
from fvbuild.film.as_written import AsWritten
from fvbuild.film.ids import RESERVED_SHOTS, fault_of_id, slug
from fvbuild.film.inherit import Inherited, controls, full_use, takes, written_use
from fvbuild.film.known import PICTURE, Known
from fvbuild.film.pictures import is_picture
from fvbuild.film.resolve_sound import resolve_dialogue
from fvbuild.film.resolve_transition import resolve_transition
from fvbuild.film.resolved_shot import Frame, Shot, Worn
from fvbuild.film.tree import Map, unpack_position
from fvbuild.timecode import Length

if TYPE_CHECKING:
    from fvbuild.film.model_shot import EditedFrame
    from fvbuild.film.model_shot import Shot as ShotModel

T = TypeVar("T")
_DEFAULT_LENGTH = Length.parse("4s")
_DIALOGUE = "dialogue"
_PlaceList = tuple[tuple[str, int, int], ...]


class ShotResolver:
    """Resolves the shots of one film. ``spoken`` and ``places`` are shared among equal shots."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._interned: dict[Any, Any] = {}

    def resolve(
        self, item: ShotModel | AsWritten | str, tree: Map | None, position: int, scene: Inherited
    ) -> Shot:
        """The shot of one item of ``shots``; ``tree`` is None for a bare string."""
        model = AsWritten({"action": item}) if isinstance(item, str) else item
        written = _Written(self.known, model, tree, position)
        file, line, column = unpack_position(position)
        use = written_use(self.known, scene.use, model.use, tree)
        return Shot(
            id=written.id(),
            scene=scene.id,
            mode=model.mode or "anchor",
            action=model.action or "",
            size=written.word("size"),
            angle=written.word("angle"),
            lens=model.lens or "",
            camera=written.camera(),
            duration=written.duration(),
            time=self.known.time(model.time, written.at("time")) or scene.time,
            lighting=model.lighting or scene.lighting,
            location=written.location(scene),
            characters=self._shared(written.visible(scene)),
            props=self._shared(written.props()),
            first_frame=written.frame("first_frame"),
            last_frame=written.frame("last_frame"),
            start=written.start(scene),
            caption=model.caption or "",
            motion=model.motion or "",
            dialogue=resolve_dialogue(self.known, model.dialogue, tree),
            transition=resolve_transition(self.known, model.transition, written.at("transition")),
            takes=takes(scene.takes, model.takes),
            use=scene.full_use if use is scene.use else full_use(use),
            controls=self._shared(controls(scene.controls, model)),
            file=self.known.sources.names[file],
            line=line + 1,
            column=column + 1,
            places=self._shared(_places(tree, line)),
        )

    def _shared(self, value: T) -> T:
        """One object for all equal values: thousands of shots say the same."""
        found: T = self._interned.setdefault(value, value)
        return found


def _places(tree: Map | None, first_line: int) -> _PlaceList:
    if tree is None:
        return ()
    found = []
    for name, (_, value_at) in tree.marks.items():
        _, line, column = unpack_position(value_at)
        found.append((name, max(0, line - first_line), column + 1))
    return tuple(found)


class _Written:
    """The fields of one shot as they were written, each read with its own faults."""

    def __init__(
        self, known: Known, model: ShotModel | AsWritten, tree: Map | None, position: int
    ) -> None:
        self.known = known
        self.model = model
        self.tree = tree
        self.position = position

    def at(self, name: str, index: int | None = None) -> int:
        """Where a field, or an item of it, is written; the shot's own place if it is not."""
        if self.tree is None or name not in self.tree.marks:
            return self.position
        if index is not None:
            items = getattr(self.tree.get(name), "marks", None)
            if isinstance(items, list) and index < len(items):
                return int(items[index])
        return self.tree.marks[name][1]

    def id(self) -> str:
        given = self.model.id
        text = self.model.action or _words_of(self.model.first_frame)
        found = slug(text) if given is None else given
        if given is None and not found:
            self.known.sources.error(
                self.position, "the shot has no id, and no text to make one of", "give it an `id`"
            )
            return ""
        fault = fault_of_id(found)
        if fault is None and found in RESERVED_SHOTS:
            fault = (f"a shot cannot be called '{found}'", "that is its scene's sound")
        if fault is not None:
            self.known.sources.error(self.at("id"), *fault)
        return found

    def word(self, name: str) -> str:
        text = getattr(self.model, name)
        return self.known.word(name, text, self.at(name)) if text else ""

    def camera(self) -> str:
        text = self.model.camera
        return self.known.free_word("camera", text, self.at("camera")) if text else "static"

    def duration(self) -> Length | None:
        text = self.model.duration
        if text is None:
            return _DEFAULT_LENGTH
        if text == _DIALOGUE:
            if not self.model.dialogue:
                self.known.sources.error(
                    self.at("duration"),
                    "the shot lasts as long as its dialogue, but has none",
                    "give it `dialogue`, or a length such as 5s",
                )
            return None
        return self.read(measures.length, text, "duration", _DEFAULT_LENGTH)

    def read(self, parse: Callable[[str], T], text: str, name: str, otherwise: T) -> T:
        """A value with a unit; a fault and ``otherwise`` where it is none."""
        try:
            return parse(text)
        except ValueError as error:
            self.known.sources.error(self.at(name), str(error))
            return otherwise

    def location(self, scene: Inherited) -> str | None:
        name = self.model.location
        if name is None:
            return scene.location
        known = self.known
        ok = known.refer("location", "locations", name, known.locations, self.at("location"))
        return name if ok else scene.location

    def visible(self, scene: Inherited) -> tuple[Worn, ...]:
        """The visible characters in order, each with its outfit."""
        own = self._wardrobe()
        names = self._names("characters")
        worn = []
        for index, name in enumerate(names):
            at = self.at("characters", index)
            outfits = self.known.characters
            if not self.known.refer("character", "characters", name, outfits, at):
                continue
            if name in names[:index]:
                self.known.sources.error(at, f"'{name}' is named twice", "name it once")
                continue
            outfit = own.get(name) or scene.wardrobe.get(name)
            worn.append(Worn(name, outfit or self._only_outfit(name, at)))
        return tuple(worn)

    def _wardrobe(self) -> dict[str, str]:
        written = self.model.wardrobe
        if not written:
            return {}
        tree = self.tree.get("wardrobe") if self.tree is not None else None
        return resolve_wardrobe(self.known, written, tree, self.position)

    def _only_outfit(self, name: str, at: int) -> str | None:
        outfits = self.known.characters[name]
        if len(outfits) > 1 and "default" not in outfits:
            self.known.sources.warn(
                at,
                f"'{name}' has several outfits, and nothing says which one is worn here: "
                f"the first one is, '{outfits[0]}'",
                f"write `wardrobe: {{{name}: {outfits[0]}}}` in the shot or its scene",
                "outfit",
            )
        if not outfits:
            return None
        return "default" if "default" in outfits else outfits[0]

    def _names(self, name: str) -> list[str]:
        value = getattr(self.model, name)
        if value is None:
            return []
        return [value] if isinstance(value, str) else value

    def props(self) -> tuple[str, ...]:
        names = self._names("props")
        found: dict[str, None] = {}
        for index, name in enumerate(names):
            at = self.at("props", index)
            if self.known.refer("prop", "props", name, self.known.props, at):
                if name in found:
                    self.known.sources.error(at, f"'{name}' is named twice", "name it once")
                found[name] = None
        return tuple(found)

    def frame(self, name: str) -> Frame | None:
        written = getattr(self.model, name)
        if not written:
            return None
        if not isinstance(written, str):
            return self._edited(name, written)
        if is_picture(written):
            return Frame(picture=self.known.file(written, self.at(name), PICTURE))
        return Frame(text=written)

    def _edited(self, name: str, written: EditedFrame | AsWritten) -> Frame:
        """A frame that is made by changing a picture, or by following one."""
        named = {part: getattr(written, part) for part in ("edit", "mask", "control")}
        if bool(named["edit"]) == bool(named["control"]) or (named["mask"] and named["control"]):
            hint = f"change one, `{name}: {{edit: a.png}}`, or follow one, `{{control: a.png}}`"
            self.known.sources.error(self.at(name), "a frame is made from one picture", hint)
        if name == "last_frame" and not written.text:
            self.known.sources.error(
                self.at(name),
                "nothing says what the changed picture shows as the last frame",
                "say it: `last_frame: {edit: art/end.png, text: she is gone}`",
            )
        parts = {part: self._part(name, part, path) for part, path in named.items() if path}
        return Frame(written.text or "", **parts)

    def _part(self, name: str, part: str, path: str) -> str:
        """The picture that a part of a changed frame names."""
        tree = self.tree.get(name) if self.tree is not None else None
        marks = tree.marks.get(part) if isinstance(tree, Map) else None
        at = marks[1] if marks is not None else self.at(name)
        if not is_picture(path):
            self.known.sources.error(
                at, f"`{part}` is a picture, and '{path}' is none", "name a .png, .jpg or .webp"
            )
            return path
        return self.known.file(path, at, PICTURE)

    def start(self, scene: Inherited) -> tuple[str, str] | None:
        text = self.model.start
        if text is None:
            return None
        shot, dot, edge = text.rpartition(".")
        if not dot or edge != "last_frame" or not shot or shot.count("/") > 1:
            self.known.sources.error(
                self.at("start"),
                f"'{text}' is no start",
                "name another shot's last frame: `start: ticket.last_frame`",
            )
            return None
        where, slash, name = shot.rpartition("/")
        return (where, name) if slash else (scene.id, shot)


def _words_of(frame: str | EditedFrame | AsWritten | None) -> str:
    """What a frame says in words, if anything."""
    if frame is None or isinstance(frame, str):
        return frame or ""
    return frame.text or ""


def resolve_wardrobe(
    known: Known, written: dict[str, str], tree: object, otherwise: int
) -> dict[str, str]:
    """Who wears what, as far as it refers to something."""
    worn = {}
    for name, outfit in written.items():
        marks = tree.marks.get(name) if isinstance(tree, Map) else None
        key_at, value_at = marks or (otherwise, otherwise)
        if not known.refer("character", "characters", name, known.characters, key_at):
            continue
        outfits = known.characters[name]
        hint = f"define it under `characters: {{{name}: {{wardrobe: ...}}}}`"
        if known.refer("outfit", "characters", outfit, outfits, value_at, hint, of=name):
            worn[name] = outfit
    return worn
