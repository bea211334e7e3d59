"""Which sounds a film's words mean: ``gulls and slow waves`` is gulls over a slow sea.

Words are looked up as written and without their plural s; each entry is a generator with the
seconds that a single effect of it lasts when the film does not say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from fvbuild.targets.sketch import sound_effects as effects
from fvbuild.targets.sketch import sound_places as places
from fvbuild.targets.sketch.sound_places import Mood

if TYPE_CHECKING:
    from fvbuild.targets.sketch.sound_tones import Rng, Sound


class Source(NamedTuple):
    """A generator. ``steady`` ones fill any length, the others ring for ``seconds``.

    ``level`` is its loudness against others in the same sound.
    """

    make: Callable[[Rng, int, Mood], Sound]
    seconds: float
    steady: bool = False
    level: float = 1.0


_SOURCES: tuple[tuple[Source, str], ...] = (
    (Source(places.sea, 6, True), "wave sea ocean surf shore beach tide coast pier harbour harbor"),
    (Source(places.wind, 5, True), "wind windy breeze storm gale blizzard gust desert mountain"),
    (Source(places.rain, 5, True), "rain rainy drizzle downpour shower storm"),
    (Source(places.thunder, 6, True), "thunder thunderstorm lightning storm"),
    (Source(places.gulls, 3, True, 0.7), "gull seagull seabird"),
    (Source(places.birds, 4, True, 0.7), "bird birdsong forest wood garden park meadow morning"),
    (Source(places.insects, 4, True, 0.7), "cricket insect cicada night grasshopper summer"),
    (Source(places.water, 4, True), "stream river brook creek waterfall fountain water"),
    (Source(places.drips, 3, True), "drip dripping cave drop cellar"),
    (Source(places.fire, 4, True), "fire fireplace campfire flame hearth crackle crackling"),
    (
        Source(places.crowd, 4, True),
        "crowd people market cafe café restaurant bar chatter murmur audience party voice children",
    ),
    (Source(places.city, 5, True), "city town street traffic car road highway bus taxi urban"),
    (
        Source(places.engine, 4, True),
        "engine motor ferry ship boat train plane machine generator truck tram factory bike",
    ),
    (
        Source(places.room, 4, True, 0.6),
        "room interior office quiet silence hall house kitchen indoor tone still air",
    ),
    (Source(effects.steps, 2.6, True), "step footstep walk walking footfall boot stair running"),
    (Source(effects.tick, 3, True, 0.6), "clock tick ticking watch"),
    (Source(effects.heartbeat, 3, True), "heartbeat heart pulse"),
    (Source(effects.slam, 1.4), "slam door shut gate lid"),
    (Source(effects.knock, 1), "knock knocking rap"),
    (Source(effects.creak, 1.8), "creak creaking hinge plank floorboard squeak"),
    (Source(effects.bell, 5), "bell church toll gong"),
    (Source(effects.chime, 2), "chime phone ring ringing telephone doorbell jingle"),
    (Source(effects.horn, 4), "horn foghorn whistle hoot siren"),
    (Source(effects.beep, 1.5), "beep alarm alert signal buzzer"),
    (Source(effects.whoosh, 1), "whoosh swoosh swish pass flyby throw"),
    (Source(effects.blow, 2), "hit blow thud boom explosion impact crash bang punch shot gunshot"),
    (Source(effects.glass, 1.5), "glass shatter smash window"),
    (Source(effects.splash, 2), "splash dive plunge"),
    (Source(effects.paper, 1.5), "paper page rustle cloth ticket letter newspaper"),
)
_BY_WORD: dict[str, tuple[Source, ...]] = {}
for _source, _words in _SOURCES:
    for _word in _words.split():
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _source)

_PACES = {
    "slow": 0.65,
    "slowly": 0.65,
    "gentle": 0.75,
    "calm": 0.7,
    "lazy": 0.7,
    "deep": 0.8,
    "fast": 1.5,
    "quick": 1.4,
    "hurried": 1.6,
    "running": 1.9,
    "busy": 1.5,
    "high": 1.3,
    "small": 1.4,
}
_FORCES = {
    "soft": 0.5,
    "gentle": 0.6,
    "light": 0.5,
    "faint": 0.5,
    "calm": 0.5,
    "quiet": 0.5,
    "heavy": 1.8,
    "strong": 1.6,
    "loud": 1.4,
    "howling": 1.8,
    "wild": 1.8,
    "big": 1.5,
    "huge": 1.8,
    "rough": 1.6,
    "stormy": 1.8,
}
_FAR = frozenset(("far", "distant", "remote", "away", "muffled", "outside", "faraway"))


class Meaning(NamedTuple):
    """What a text sounds like: layers, each with its mood, and whether it is heard from far."""

    layers: tuple[tuple[Source, Mood], ...]
    far: bool


def meaning(text: str, *, steady: bool) -> Meaning:
    """The sources that a text names, in its order; a neutral one where it names none.

    ``steady`` asks for an ambience: then places go before single sounds.
    """
    found: dict[Source, Mood] = {}
    pace = force = 1.0
    words = [_singular(word) for word in re.findall(r"[^\W\d_]+", text.lower())]
    for word in words:
        pace *= _PACES.get(word, 1.0)
        force *= _FORCES.get(word, 1.0)
        if word in _BY_WORD:
            # A describing word belongs to the next thing that is named.
            mood = Mood(min(max(pace, 0.4), 2.5), min(max(force, 0.3), 2.5))
            found |= {source: mood for source in _BY_WORD[word] if source not in found}
            pace = force = 1.0
    far = not _FAR.isdisjoint(words)
    chosen = list(found.items())
    if steady and any(source.steady for source, _ in chosen):
        chosen = [pair for pair in chosen if pair[0].steady]
    if not chosen:
        neutral = Source(places.room, 4, True) if steady else Source(effects.whoosh, 1)
        chosen = [(neutral, Mood())]
    return Meaning(tuple(chosen), far)


def _singular(word: str) -> str:
    if word in _BY_WORD or word in _PACES or word in _FORCES:
        return word
    return word[:-1] if word.endswith("s") and word[:-1] in _BY_WORD else word
