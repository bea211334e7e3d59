"""Speech that cannot fit: estimated from its words, for a speaker in a hurry.

Rates are those of quick but clear reading; sources agree within a tenth on 160 to 190 words a
minute for English audiobooks, to which the others are scaled by syllables. Where a script has no
spaces, characters are counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from fvbuild.film.finding import Finding
from fvbuild.film.resolved import Film, Line, Shot
from fvbuild.film.resolved_world import Words

WORDS_PER_S = {
    "en": 3.3,
    "de": 2.7,
    "es": 3.4,
    "fi": 2.2,
    "fr": 3.4,
    "it": 3.2,
    "nl": 3.1,
    "pl": 2.6,
    "pt": 3.2,
    "ru": 2.6,
    "sv": 3.0,
    "tr": 2.4,
}
CHARACTERS_PER_S = {"zh": 5.2, "ja": 8.0, "ko": 6.0, "th": 14.0}
_OTHER_WORDS_PER_S = 3.0
_PAUSE_S = 0.25
_UNSEEN = (
    "off screen",
    "off-screen",
    "offscreen",
    "o.s",
    "v.o",
    "voice over",
    "voice-over",
    "over phone",
    "on the phone",
    "through the door",
)


def seconds_of(text: str, lang: str) -> float:
    """How long a quick speaker needs, in seconds."""
    code = lang.casefold().replace("_", "-").partition("-")[0]
    if code in CHARACTERS_PER_S:
        return sum(char.isalnum() for char in text) / CHARACTERS_PER_S[code]
    words = len([word for word in text.split() if any(char.isalnum() for char in word)])
    return words / WORDS_PER_S.get(code, _OTHER_WORDS_PER_S)


def longest_s(words: Words, lang: str) -> tuple[float, str]:
    """The longest of a text's languages and how long it takes."""
    if not words.languages:
        return seconds_of(words.text, lang), lang
    return max((seconds_of(text, code), code) for code, text in words.languages.items())


def check_speech(film: Film) -> Iterator[Finding]:
    """Dialogue against its shot, narration against what follows it, speakers against pictures."""
    begins: dict[tuple[str, str], tuple[float, float]] = {}
    now = 0.0
    for shot in film.shots():
        needed = _dialogue_s(shot, film)
        seconds = _shot_s(shot, film, needed)
        if shot.dialogue:
            yield from _dialogue(shot, film, needed, seconds)
        begins[shot.scene, shot.id] = (now, now + seconds)
        now += seconds
        if shot.transition is not None:
            now -= float(Fraction(shot.transition.frames) / film.fps)
    yield from _narration(film, begins, now)


def _dialogue_s(shot: Shot, film: Film) -> float:
    if not shot.dialogue:
        return 0.0
    spoken = sum(longest_s(line.words, film.lang)[0] for line in shot.dialogue)
    return spoken + _PAUSE_S * (len(shot.dialogue) - 1)


def _shot_s(shot: Shot, film: Film, spoken_s: float) -> float:
    return spoken_s if shot.duration is None else float(shot.duration.in_seconds(film.fps))


def _dialogue(shot: Shot, film: Film, needed: float, seconds: float) -> Iterator[Finding]:
    if needed > seconds + 0.05:
        yield Finding(
            shot.dialogue[0].loc,
            "speech",
            f"the dialogue of '{shot.id}' takes about {needed:.1f}s, its shot lasts {seconds:g}s",
            "write `duration: dialogue`, make the shot longer, or cut words",
        )
    visible = {worn.character for worn in shot.characters}
    for line in shot.dialogue:
        if line.speaker is None or line.speaker in visible:
            continue
        if not any(word in line.delivery.casefold() for word in _UNSEEN):
            yield Finding(
                line.loc,
                "speaker",
                f"'{line.speaker}' speaks in '{shot.id}' without being visible",
                "add the speaker to `characters`, or say `delivery: off screen`",
            )


def _narration(
    film: Film, begins: dict[tuple[str, str], tuple[float, float]], end: float
) -> Iterator[Finding]:
    timed = [
        (begin, longest_s(line.words, film.lang)[0], line)
        for line in film.sound.narration
        if (begin := _begin_s(line, film, begins)) is not None
    ]
    timed.sort(key=lambda each: each[0])
    for index, (begin, seconds, line) in enumerate(timed):
        following = timed[index + 1][0] if index + 1 < len(timed) else None
        if begin + seconds > end + 0.05:
            yield Finding(
                line.loc,
                "speech",
                f"this narration ends about {begin + seconds - end:.1f}s after the film",
                "begin it earlier, cut words, or make the film longer",
            )
        elif following is not None and begin + seconds > following + 0.05:
            yield Finding(
                line.loc,
                "speech",
                f"this narration takes about {seconds:.1f}s, the next one begins after "
                f"{following - begin:.1f}s",
                "begin the next one later, or cut words",
            )


def _begin_s(
    line: Line, film: Film, begins: dict[tuple[str, str], tuple[float, float]]
) -> float | None:
    moment = line.at
    if moment is None:
        return None
    offset = float(moment.shift_s(film.fps))
    if moment.scene is None or moment.shot is None:
        return offset
    begin, end = begins[moment.scene, moment.shot]
    return (end if moment.at_end else begin) + offset
