"""Scratch voices: espeak-ng where it can be had, else a soft hum of the right length.

The engine is the ``espeakng_loader`` package (``pip install fvbuild[voice]``), else an
``espeak-ng`` program on PATH, else our own hum. Which one it is, and its version, is model
identity: a line spoken by another engine is another recording.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import struct
import sys
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.digest import Json
from fvbuild.errors import TargetError
from fvbuild.targets.sketch.voice_manner import Manner

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = 1
"""Raised whenever the same words and engine would give another sound."""

ENGINE_VARIABLE = "FVBUILD_VOICE"
"""Environment variable which asks for one engine: ``library``, ``program`` or ``hum``."""

_LONGEST_TEXT = 12_000
_TIMEOUT_S = 120
_WORDS_PER_MINUTE = 160
_ALIASES = {
    "en-gb": "en",
    "en-uk": "en",
    "zh": "cmn",
    "zh-cn": "cmn",
    "zh-tw": "cmn",
    "no": "nb",
    "fr-fr": "fr",
    "fil": "en",
    "es-mx": "es-419",
}
_VARIANTS = {
    "m": ("m3", "m1", "m7", "m2", "m4", "m5", "m6"),
    "f": ("f2", "f3", "f4", "f1", "f5"),
    "c": ("f5", "f3", "f2"),
    "r": ("robosoft",),
}


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to speak: ``kind`` is library, program or hum; ``where`` its package or program."""

    kind: str
    version: str
    where: str = ""


@cache
def engine() -> Engine:
    """The best engine of this machine, found without loading it."""
    wished = os.environ.get(ENGINE_VARIABLE, "")
    if wished not in ("", "library", "program", "hum"):
        raise TargetError(
            f"{ENGINE_VARIABLE} is '{wished}'", hint="it is library, program, hum, or not set"
        )
    found = _library() if wished in ("", "library") else None
    if found is None and wished in ("", "program"):
        found = _program()
    if found is None and wished not in ("", "hum"):
        raise TargetError(
            f"there is no espeak-ng {wished} here, which {ENGINE_VARIABLE} asks for",
            hint="pip install 'fvbuild[voice]' brings the library",
        )
    return found or Engine("hum", str(VERSION))


def voice_identity() -> dict[str, Json]:
    """Model identity of speech. Cheap: nothing is loaded (a program on PATH is asked once)."""
    own = engine()
    name = "hum" if own.kind == "hum" else "espeak-ng"
    return {"engine": name, "by": own.kind, "version": own.version, "voice": VERSION}


def _library() -> Engine | None:
    spec = importlib.util.find_spec("espeakng_loader")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    # The version stands in the name of the installed metadata; importing a reader costs 30 ms.
    found = sorted(package.parent.glob("espeakng_loader-*.dist-info"))
    version = found[-1].name.split("-")[1].removesuffix(".dist") if found else "unknown"
    return Engine("library", version, str(package))


def _program() -> Engine | None:
    import shutil
    import subprocess

    path = shutil.which("espeak-ng")
    if path is None:
        return None
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, timeout=10, check=True, text=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\d+(\.\d+)+", done.stdout)
    return Engine("program", match[0] if match else "unknown", path)


def speak(text: str, manner: Manner, seed: int) -> NDArray[np.float32]:
    """The words as mono float32 at 48 kHz, trimmed, at no particular level.

    Never empty: text without a word in it is a breath of silence. Raises TargetError when the
    line is longer than an hour of talk would allow, or the engine fails.
    """
    from fvbuild.targets.sketch.hum import hum
    from fvbuild.targets.sketch.voice_room import in_room, silence

    words = spoken(text)
    if len(words) > _LONGEST_TEXT:
        raise TargetError(
            f"a line of {len(words)} characters cannot be spoken in one go",
            hint=f"split it into lines of at most {_LONGEST_TEXT} characters",
        )
    if not any(character.isalnum() for character in words):
        return silence(0.6)
    if engine().kind == "hum":
        return in_room(hum(words, manner, seed))
    rate, raw = (
        _by_library(words, manner) if engine().kind == "library" else _by_program(words, manner)
    )
    # A script that the engine cannot read comes out empty: then hum it.
    return in_room(raw, rate) if len(raw) > rate // 50 else in_room(hum(words, manner, seed))


def spoken(text: str) -> str:
    """The text as it is given to an engine: one line, no control characters or marks of ours."""
    plain = "".join(
        " " if unicodedata.category(character)[0] in "CZ" else character for character in text
    )
    # Brackets would be read as phonemes, or as markup, by some versions.
    return re.sub(r"\s+", " ", re.sub(r"[\[\]<>{}|\\^`]", " ", plain)).strip()


def _voices(manner: Manner) -> list[str]:
    """Names to try in turn: language and variant, then without either."""
    tag = manner.language.lower().replace("_", "-")
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", tag):
        tag = "en"
    languages = [_ALIASES.get(tag, tag), _ALIASES.get(tag.split("-")[0], tag.split("-")[0]), "en"]
    names = _VARIANTS[manner.timbre]
    variant = names[(manner.number - 1) % len(names)]
    if manner.whisper:
        variant = "whisper" if manner.timbre == "m" else "whisperf"
    ordered = dict.fromkeys(languages)
    return [f"{one}+{variant}" for one in ordered] + ["en"]


def _settings(manner: Manner) -> dict[str, int]:
    return {
        "rate": round(_WORDS_PER_MINUTE * manner.pace),
        "pitch": manner.pitch,
        "range": min(99, round(50 * manner.liveliness)),
    }


def _by_library(text: str, manner: Manner) -> tuple[int, NDArray[np.float32]]:
    package = Path(engine().where)
    names = ("libespeak-ng.so", "libespeak-ng.dylib", "espeak-ng.dll")
    library = next((package / name for name in names if (package / name).exists()), None)
    if library is None:
        raise _failed("its library is missing from the package")
    return _by_worker(text, manner, str(library), str(package / "espeak-ng-data"))


def _by_worker(
    text: str, manner: Manner, library: str, data_folder: str, version: str = ""
) -> tuple[int, NDArray[np.float32]]:
    import numpy as np

    worker = Path(__file__).with_name("voice_worker.py")
    wish = {"text": text, "voices": _voices(manner), "version": version, **_settings(manner)}
    command = [sys.executable, "-I", "-S", str(worker), library, data_folder]
    data = _run(command, json.dumps(wish).encode())
    if len(data) < 4:
        raise _failed("it gave no sound")
    return struct.unpack_from("<i", data)[0], np.frombuffer(
        data[4:], "<i2", (len(data) - 4) // 2
    ).astype(np.float32) / np.float32(32768)


def _by_program(text: str, manner: Manner) -> tuple[int, NDArray[np.float32]]:
    import numpy as np

    # The program's own library gives equal bytes every time; the program itself since 1.52 not.
    with suppress(TargetError):
        return _by_worker(text, manner, _system_library(), "", engine().version)
    own = _settings(manner)
    tune = ["-s", str(own["rate"]), "-p", str(own["pitch"]), "-P", str(own["range"])]
    error = _failed("it knows no voice")
    for voice in _voices(manner):
        command = [engine().where, "-b", "1", "-v", voice, *tune, "--stdin", "--stdout"]
        try:
            data = _run(command, text.encode())
        except TargetError as failure:
            error = failure
            continue
        if data[:4] == b"RIFF" and len(data) > 44:
            samples = np.frombuffer(data[44:], "<i2", (len(data) - 44) // 2)
            rate = struct.unpack_from("<I", data, 24)[0]
            return rate, samples.astype(np.float32) / np.float32(32768)
    raise error


def _system_library() -> str:
    return {"darwin": "libespeak-ng.dylib", "win32": "libespeak-ng.dll"}.get(
        sys.platform, "libespeak-ng.so.1"
    )


def _run(command: list[str], given: bytes) -> bytes:
    import subprocess

    try:
        done = subprocess.run(
            command, input=given, capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise _failed(str(error)) from None
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise _failed(" ".join([f"exit status {done.returncode}", *last]))
    return done.stdout


def _failed(why: str) -> TargetError:
    return TargetError(
        f"espeak-ng could not speak this line: {why}",
        hint=f"{ENGINE_VARIABLE}=hum builds with the hummed voice instead",
    )
