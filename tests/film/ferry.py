"""The full language in one film, and the files it refers to."""

from __future__ import annotations

from pathlib import Path

FERRY = """\
film:
  title: The Last Ferry
  fps: 24                         # delivery rate; targets keep their native rate until conform
  size: 1920x1080                 # delivery size; its ratio decides the canvas of every anchor
  style: {preset: cinematic, look: "70s 35mm, teal dusk", avoid: "text, logos"}
  budget: {max: 12 USD}           # refused before it is spent
  approve: [anchor]               # segments wait until these are approved

targets:                          # WHAT makes things: goes into keys
  flux: {provider: diffusers, model: black-forest-labs/FLUX.1-dev, revision: 3de623fc3c, steps: 28}
  wan:  {provider: diffusers, model: Wan-AI/Wan2.2-TI2V-5B-Diffusers}
  veo:  {provider: google, model: veo-3.1-generate-001}
use:                              # which target makes which kind; a list is a fallback order
  anchor: flux
  segment: [veo, wan]
profiles:
  draft: {film: {size: 640x360}, use: {anchor: sketch, segment: sketch}}

characters:
  mara:
    look: woman of 60, cropped grey hair, scar over the left brow
    references: [art/mara-face.png]
    wardrobe: {oilskin: yellow oilskin and navy cap, suit: charcoal suit}
    voice: {target: speech, id: low-alto}
  teo: {look: boy of 9, black curls, wardrobe: {red: red parka}}
locations:
  pier: {look: "rotting pier, iron lamps", takes: 3}
props:
  ticket: {look: torn pink ticket}

scenes:                           # or acts: [{id, scenes: [...]}]
  - id: pier
    heading: EXT. PIER - DUSK     # a label: chapter name, nothing else
    time: dusk
    location: pier
    wardrobe: {mara: oilskin, teo: red}
    lighting: low sun behind the sea
    axis: {left: teo, right: mara}  # the 180-degree line; lint only
    ambience: {make: gulls and slow waves, gain: -22dB}
    shots:
      - id: arrival
        size: extreme wide        # aliases EWS .. ECU, OTS, two-shot, POV, insert
        angle: high
        lens: 24mm
        camera: crane down
        duration: 5s              # 5s | 120f | dialogue (as long as its speech)
        characters: [teo]         # who is visible
        first_frame: empty pier, a tiny red figure far off   # text, or an image file
        action: the figure walks to the end of the pier
        takes: {anchor: 3}
      - id: ticket
        mode: keyframe            # anchor (default) | keyframe | chain | direct
        camera: dolly in
        duration: 4s
        characters: [teo]
        props: [ticket]
        action: Teo lifts his eyes from the ticket
        last_frame: Teo holds the ticket up, smiling
      - id: taken
        mode: keyframe
        start: ticket.last_frame  # the shared boundary, made once
        duration: 4s
        characters: [teo, mara]
        action: Mara steps in and takes it
        last_frame: Mara pockets the ticket
        transition: dissolve 12f  # into the next shot
        use: {segment: veo}       # override for one shot
      - id: promise
        size: close-up
        duration: dialogue
        characters: [mara]
        action: Mara speaks, half turned
        dialogue: [{speaker: mara, line: "You came back.", delivery: dry}]
      - id: turn
        mode: chain               # starts on the last frame of the shot before it
        duration: 5s
        characters: [mara]
        action: she turns and smiles

sound:
  narration: [{at: arrival+1s, speaker: teo, line: I was nine.}]
  music: {make: slow solo cello, over: arrival..turn, duck: -9dB}
  loudness: -16 LUFS
finish: {match: anchor, interpolate: true, upscale: true, grade: luts/dusk.cube, stabilize: false}
checks: {motion: 0.4, safety: block, grammar: warn}
outputs:
  master: {subtitles: [en]}
  vertical: {size: 1080x1920, reframe: center}
  animatic: {from: anchor, slate: true}
  stills: {sheet: 3x2}
  edit: [otio, edl]
"""

START_OF_A_PNG = b"\x89PNG\r\n\x1a\n"
"""Enough of a picture for a film; makers ask for more."""


def write_ferry(folder: Path) -> Path:
    """The film in a folder; gives its path."""
    for name in ("art/mara-face.png", "luts/dusk.cube"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(START_OF_A_PNG if path.suffix == ".png" else b"")
    film = folder / "film.yaml"
    film.write_text(FERRY, "utf-8")
    return film
