"""What a film defines and never uses, and texts that a subtitle track would lack."""

from __future__ import annotations

from collections.abc import Iterator

from fvbuild.film.finding import Finding
from fvbuild.film.place import Place
from fvbuild.film.resolved import Film, Line


def check_unused(film: Film) -> Iterator[Finding]:
    """Characters, outfits, locations, props and targets that nothing refers to."""
    worn = {each for shot in film.shots() for each in shot.characters}
    seen = {each.character for each in worn}
    heard = {line.speaker for line in _lines(film)}
    for character in film.characters.values():
        if character.id not in seen | heard:
            yield _unused("character", character.id, character.loc, "no shot shows or hears them")
            continue
        outfits = {each.outfit for each in worn if each.character == character.id}
        for outfit in character.wardrobe.values():
            if character.id in seen and outfit.id not in outfits:
                name = f"{character.id}/{outfit.id}"
                yield _unused("outfit", name, outfit.loc, "no visible character wears it")
    at = {shot.location for shot in film.shots()}
    for location in film.locations.values():
        if location.id not in at:
            yield _unused("location", location.id, location.loc, "no shot is set there")
    shown = {prop for shot in film.shots() for prop in shot.props}
    for prop in film.props.values():
        if prop.id not in shown:
            yield _unused("prop", prop.id, prop.loc, "no shot shows it")
    used = _used_targets(film).union(film.used_elsewhere)
    for target in film.targets.values():
        if target.name not in used:
            yield _unused("target", target.name, target.loc, "no `use` names it")


def _unused(what: str, name: str, place: Place, why: str) -> Finding:
    return Finding(
        place, "unused", f"the {what} '{name}' is never used: {why}", "use it, or take it out"
    )


def _lines(film: Film) -> Iterator[Line]:
    for shot in film.shots():
        yield from shot.dialogue
    yield from film.sound.narration


def _used_targets(film: Film) -> set[str]:
    uses = {id(shot.use): shot.use for shot in film.shots()}
    uses |= {id(scene.use): scene.use for scene in film.scenes}
    for section in (film.characters, film.locations, film.props):
        uses |= {id(each.use): each.use for each in section.values()}
    uses[id(film.use)] = film.use
    used = {name for use in uses.values() for names in use.values() for name in names}
    voices = [character.voice for character in film.characters.values()]
    voices += [line.voice for line in _lines(film)]
    return used | {voice.target for voice in voices if voice is not None and voice.target}


def check_subtitles(film: Film) -> Iterator[Finding]:
    """Lines without a text in a language that some output has subtitles in."""
    wanted = {lang: None for output in film.outputs.values() for lang in output.subtitles}
    for lang in wanted:
        for line in _lines(film):
            if line.words.into(lang) is None:
                yield Finding(
                    line.loc,
                    "subtitles",
                    f"this line has no text in '{lang}', which an output has subtitles in",
                    f"add it: `line: {{..., {lang}: ...}}`",
                )
