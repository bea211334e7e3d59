"""An assembly: a film as header bytes and ranges of other artifacts, never copied by us.

Its JSON document is the artifact of a cut (media type
``application/x-fvbuild-assembly+json``); whoever owns the store writes the real file from it::

    {"version": 1, "media_type": "video/mp4", "size": N,
     "pieces": [{"data": BASE64}, {"artifact": SHA256, "offset": A, "length": L}, ...]}

The file is the pieces one after the other. The header comes first (faststart), with the text of
subtitles and chapters; pictures and sound follow, interleaved by group of pictures. Neighbouring
ranges of one artifact are one piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fvbuild.media.profile import JoiningProfile
from fvbuild.media.subtitles import Cue

MEDIA_TYPE = "application/x-fvbuild-assembly+json"


@dataclass(frozen=True, slots=True)
class Footage:
    """Frames [start, stop) of a conformed clip (None: to its end); both at GOP starts.

    ``path`` is where its bytes are now, ``digest`` the SHA-256 they are known by.
    """

    path: Path
    digest: str
    start: int = 0
    stop: int | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    """The one continuous AAC track: an .m4a with a single track. ``language`` like ``en``."""

    path: Path
    digest: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """One soft subtitle track. ``name`` is shown in players' menus."""

    language: str
    cues: tuple[Cue, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A mark at a frame of the film."""

    start_frame: int
    title: str


def assemble(
    footage: Sequence[Footage],
    profile: JoiningProfile,
    *,
    sound: Sound | None = None,
    subtitles: Sequence[Subtitles] = (),
    chapters: Sequence[Chapter] = (),
    title: str = "",
) -> str:
    """The assembly's JSON document; the same bytes for the same arguments.

    The first subtitle track is on by default, the others are off. Raises MediaError when a clip
    is not of the profile (naming it), or is cut elsewhere than between groups of pictures.
    """
    raise NotImplementedError


def write_assembly(document: str, resolve: Callable[[str], Path], path: Path) -> None:
    """Write the real file; ``resolve`` gives the path of an artifact by its digest."""
    raise NotImplementedError
