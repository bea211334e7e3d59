"""What a decoder must know of a joining profile before its first frame, as MP4 files hold it.

The encoder alone can tell it, and to import and ask one takes a sixth of the time of an edit whose
clip needs no encoder otherwise. So what it told is kept, for all builds of a user.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from fvbuild.media.clip import encode_clip
from fvbuild.media.mp4.index import index_track
from fvbuild.media.profile import JoiningProfile
from fvbuild.resources import user_cache


@lru_cache(maxsize=16)
def decoder_configuration(profile: JoiningProfile) -> bytes:
    """The sample description of every clip of a profile."""
    identity = json.dumps(profile.identity(), sort_keys=True).encode()
    kept = None
    with contextlib.suppress(RuntimeError):  # a user without a home
        kept = user_cache() / "profiles" / sha256(identity).hexdigest()
    known = _read(kept, identity) if kept is not None else None
    if known is None:
        known = _asked(profile)
        if kept is not None:
            _write(kept, identity, known)
    return known


def _asked(profile: JoiningProfile) -> bytes:
    """As it stands in a clip of one blank frame."""
    import av

    # Without NumPy, whose import would double the time of an edit that copies its only clip.
    blank = av.VideoFrame(profile.width, profile.height, "yuv420p")
    for plane in blank.planes:
        plane.update(bytes(plane.buffer_size))
    with tempfile.TemporaryDirectory(prefix="fvbuild-") as folder:
        clip = Path(folder, "blank.mp4")
        encode_clip(clip, [blank], profile)
        return index_track(clip).description


def _read(kept: Path, identity: bytes) -> bytes | None:
    """What was kept, if it is whole: a clip must not be encoded anew for a damaged file."""
    with contextlib.suppress(OSError):
        data = kept.read_bytes()
        told, seal = data[:-32], data[-32:]
        return told if sha256(identity + told).digest() == seal else None
    return None


def _write(kept: Path, identity: bytes, told: bytes) -> None:
    """Keep it where that is possible."""
    part = kept.with_name(f"{kept.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(told + sha256(identity + told).digest())
        part.replace(kept)
