"""One utterance by the espeak-ng library, in a process of its own.

The library keeps a state from utterance to utterance (the same words sound a little different the
second time), is not safe in threads, and is C fed with other people's text. Run by path, it imports
nothing but the standard library: ``python -I -S voice_worker.py LIBRARY DATA`` with a JSON object
on stdin; stdout is the sample rate (4 bytes, little-endian) and mono s16 samples. An empty DATA
means the library's own; ``version`` in the object is what the library must call itself.
"""

import ctypes
import json
import struct
import sys

_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_UTF8 = 1
_RATE, _PITCH, _RANGE = 1, 3, 4


def main(library: str, data: str) -> int:
    """Speak what stdin asks for. Returns the exit status."""
    wish = json.load(sys.stdin.buffer)
    try:
        engine = ctypes.CDLL(library)
    except OSError as error:
        sys.exit(str(error))
    rate = engine.espeak_Initialize(_SYNCHRONOUS, 0, data.encode() or None, _DO_NOT_EXIT)
    if rate <= 0:
        return 3
    engine.espeak_Info.restype = ctypes.c_char_p
    if not engine.espeak_Info(None).decode().startswith(wish.get("version", "")):
        return 6
    # Since 1.52 the breath in a voice is drawn by a generator that starts from the clock.
    if hasattr(engine, "espeak_ng_SetRandSeed"):
        engine.espeak_ng_SetRandSeed(ctypes.c_long(1))
    pieces: list[bytes] = []

    def take(samples: int, count: int, _events: int) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, count * 2))
        return 0

    signature = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    callback = signature(take)
    engine.espeak_SetSynthCallback(callback)
    if all(engine.espeak_SetVoiceByName(name.encode()) for name in wish["voices"]):
        return 4
    for parameter, value in ((_RATE, "rate"), (_PITCH, "pitch"), (_RANGE, "range")):
        engine.espeak_SetParameter(parameter, int(wish[value]), 0)
    text = wish["text"].encode()
    if engine.espeak_Synth(text, len(text) + 1, 0, 1, 0, _UTF8, None, None):
        return 5
    engine.espeak_Synchronize()
    sys.stdout.buffer.write(struct.pack("<i", rate) + b"".join(pieces))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
