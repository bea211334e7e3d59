"""The same streams in another container: nothing is encoded again."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import MediaError
from fvbuild.media.mp4.language import UNDETERMINED, bibliographic

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream

_FORMATS = {".mkv": "matroska", ".mov": "mov"}
CONTAINERS = tuple(_FORMATS)


def remux(mp4_path: Path, out_path: Path) -> None:
    """Copy the streams, chapters and title of an MP4 into ``.mkv`` or ``.mov``.

    Raises MediaError for another suffix.
    """
    container = _FORMATS.get(out_path.suffix.lower())
    if container is None:
        raise MediaError(
            f"a film cannot be written as '{out_path.suffix}'",
            place=str(out_path),
            hint="the suffixes are .mp4, " + ", ".join(CONTAINERS),
        )
    import av

    part = out_path.with_name(out_path.name + ".part")
    options = {"fflags": "+bitexact"}
    if container == "mov":
        options["movflags"] = "+faststart"
    try:
        with (
            av.open(str(mp4_path)) as source,
            av.open(str(part), "w", format=container, container_options=options) as target,
        ):
            _copy_streams(source, target, container)
        part.replace(out_path)
    except (av.FFmpegError, ValueError) as wrong:
        raise MediaError(f"the film cannot be written: {wrong}", place=str(out_path)) from None
    finally:
        part.unlink(missing_ok=True)


def _copy_streams(source: InputContainer, target: OutputContainer, container: str) -> None:
    kept = [one for one in source.streams if one.type in ("video", "audio", "subtitle")]
    # Matroska has no edit list to hide the sound's priming, which would move the first picture off
    # zero; without it the first 21 ms of sound rise from silence.
    no_edits = container == "matroska"
    as_text = {one.index for one in kept if no_edits and one.type == "subtitle"}
    copies = {}
    for one in kept:
        copy = (
            target.add_mux_stream("subrip", time_base=one.time_base)
            if one.index in as_text
            else target.add_stream_from_template(one)
        )
        copy.metadata.update(one.metadata)
        copy.metadata["language"] = bibliographic(one.metadata.get("language", UNDETERMINED))
        copy.disposition = one.disposition
        copies[one.index] = copy
    target.metadata.update({key: text for key, text in source.metadata.items() if key == "title"})
    target.set_chapters(source.chapters())
    for packet in source.demux(kept):
        if packet.dts is None:
            continue
        number = packet.stream.index
        if no_edits and packet.stream.type == "audio" and (packet.pts or 0) < 0:
            continue
        moved = _plain_text(packet) if number in as_text else packet
        if moved is not None:
            moved.stream = copies[number]
            target.mux_one(moved)


def _plain_text(packet: Packet[Stream]) -> Packet[Stream] | None:
    """A timed-text sample as SubRip, which Matroska keeps; None for a pause between cues."""
    from av.packet import Packet

    (length,) = struct.unpack_from(">H", bytes(packet))
    if not length:
        return None
    text = Packet(bytes(packet)[2 : 2 + length])
    text.pts, text.dts, text.duration = packet.pts, packet.dts, packet.duration
    text.time_base = packet.time_base
    return text
