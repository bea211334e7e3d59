"""Writes a film of any number of shots for the ``placeholder`` target.

    python tests/bench/make_film.py 10000 /tmp/film            # one film.yaml
    python tests/bench/make_film.py 10000 /tmp/film --split    # a scene file for every 100 shots

Its clips are already of the joining profile, so that a build measures the program, not an encoder.
"""

from __future__ import annotations

import argparse
from pathlib import Path

SHOTS_A_SCENE = 100
_SIZES = ("wide", "medium", "close-up", "full")
_MOVES = ("static", "dolly in", "pan left", "crane up", "truck right")
_DEEDS = ("crosses the square", "opens a letter", "waits for the rain", "turns the lamp down")

HEAD = """\
film:
  title: A film of {shots} shots
  size: 64x36
  fps: 24
use: {{anchor: placeholder, segment: placeholder, speech: placeholder, music: placeholder}}
characters:
  ann: {{look: "woman of 30, red hair", wardrobe: {{coat: grey coat, dress: blue dress}}}}
  ben: {{look: "man of 50, beard", wardrobe: {{coat: brown coat}}}}
locations:
  square: {{look: empty square}}
  room: {{look: small room}}
"""


def scene_text(scene: int, shots: int) -> str:
    """One scene of the film as an item of ``scenes:``."""
    lines = [
        f"  - id: scene-{scene}",
        f"    heading: Scene {scene}",
        f"    location: {('square', 'room')[scene % 2]}",
        "    wardrobe: {ann: coat, ben: coat}",
        "    shots:",
    ]
    for number in range(shots):
        lines += [
            f"      - id: shot-{number}",
            f"        size: {_SIZES[number % len(_SIZES)]}",
            f"        camera: {_MOVES[number % len(_MOVES)]}",
            "        duration: 2s",
            f"        characters: [{('ann', 'ben')[number % 2]}]",
            f"        action: somebody {_DEEDS[number % len(_DEEDS)]} for time {scene}.{number}",
        ]
    return "\n".join(lines) + "\n"


def write_film(folder: Path, shots: int, *, split: bool = False) -> Path:
    """Write the film into ``folder`` and return the path of its ``film.yaml``."""
    folder.mkdir(parents=True, exist_ok=True)
    head = HEAD.format(shots=shots)
    scenes = [
        scene_text(number, min(SHOTS_A_SCENE, shots - number * SHOTS_A_SCENE))
        for number in range(-(-shots // SHOTS_A_SCENE))
    ]
    film = folder / "film.yaml"
    if not split:
        film.write_text(head + "scenes:\n" + "".join(scenes))
        return film
    (folder / "scenes").mkdir(exist_ok=True)
    names = []
    for number, text in enumerate(scenes):
        names.append(f"scenes/{number:04}.yaml")
        (folder / names[-1]).write_text("scenes:\n" + text)
    film.write_text(head + f"include: [{', '.join(names)}]\n")
    return film


def edit_one_word(folder: Path) -> str:
    """Change one word of the next untouched shot after the film's middle; return its path."""
    files = [folder / "film.yaml", *sorted((folder / "scenes").glob("*.yaml"))]
    middle = len(files) // 2
    for file in (*files[middle:], *files[:middle]):
        text = file.read_text()
        at = text.find("somebody", len(text) // 2)
        if at >= 0:
            break
    file.write_text(text[:at] + "everyone" + text[at + len("somebody") :])
    scene = text.rindex("  - id: scene-", 0, at)
    shot = text.rindex("      - id: shot-", 0, at)
    return "/".join(text[start:].split("\n", 1)[0].split()[-1] for start in (scene, shot))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("shots", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", action="store_true", help="one file for every scene")
    asked = parser.parse_args()
    print(write_film(asked.folder, asked.shots, split=asked.split))


if __name__ == "__main__":
    main()
