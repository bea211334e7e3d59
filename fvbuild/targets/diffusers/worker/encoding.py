"""Prompts, encoded in a row and kept, so that text encoders need not lie beside the denoiser.

A pipeline's own ``encode_prompt`` does the work, one prompt at a time: only when it runs is chosen
here, so not a bit of what it gives changes, and no table of what it gives is needed. Encoding ahead
is a rehearsal: the pipeline is called as it will be, and stopped where it would begin to draw.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

_KEPT = 64
"""Encoded prompts that are kept; each is a few megabytes."""

_AFTERWARDS = ("encode_image", "prepare_image_latents", "prepare_video_latents", "prepare_latents")
"""What pipelines call once all prompts are encoded: no family's rehearsal goes beyond these."""

_ROOM = 1.1


class _Rehearsed(Exception):
    """All prompts of a call are encoded."""


class Encodings:
    """Stands in for a pipeline's ``encode_prompt``: what was asked before is not encoded again.

    With ``aside``, the text encoders are on the device only while they encode.
    """

    def __init__(self, pipe: Any, device: torch.device, *, aside: bool) -> None:
        self._pipe = pipe
        self._device = device
        self._aside = aside
        self._encode: Callable[..., Any] = pipe.encode_prompt
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._rehearsed: OrderedDict[str, None] = OrderedDict()
        self._in_row = False
        self._asked = 0
        self.encoded = 0
        pipe.encode_prompt = self

    def __call__(self, *given: Any, **named: Any) -> Any:
        """As ``pipe.encode_prompt``."""
        self._asked += 1
        name = _digest([given, {k: v for k, v in named.items() if k != "device"}])
        if name in self._kept:
            self._kept.move_to_end(name)
        else:
            with self._encoders_there():
                self._kept[name] = _copied(self._encode(*given, **named), torch.device("cpu"))
            self.encoded += 1
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return _copied(self._kept[name], self._device)

    def knows(self, call: str) -> bool:
        """Whether a call of this name was rehearsed and is still kept."""
        return call in self._rehearsed

    def rehearse(self, calls: Sequence[tuple[str, Callable[[], Mapping[str, Any]]]]) -> None:
        """Encode the prompts of further calls, each given by a name and what makes its arguments.

        A call that fails here will fail by itself, in its own time.
        """
        with self._encoders_there():
            self._in_row = True
            try:
                for name, arguments in calls:
                    if name not in self._rehearsed:
                        self._rehearse(arguments)
                        self._rehearsed[name] = None
            finally:
                self._in_row = False
        while len(self._rehearsed) > _KEPT // 2:
            self._rehearsed.popitem(last=False)

    def _rehearse(self, arguments: Callable[[], Mapping[str, Any]]) -> None:
        replaced = [each for each in _AFTERWARDS if hasattr(type(self._pipe), each)]
        for each in replaced:
            setattr(self._pipe, each, self._stop_after_prompts(getattr(self._pipe, each)))
        try:
            with torch.inference_mode():
                self._pipe(**arguments())
        except _Rehearsed:
            pass
        except torch.OutOfMemoryError:
            raise
        except Exception:  # its own turn will tell it, with its node's name
            pass
        finally:
            for each in replaced:
                delattr(self._pipe, each)

    def _stop_after_prompts(self, what: Callable[..., Any]) -> Callable[..., Any]:
        """Stops a rehearsal; but a pipeline that looks at pictures first goes on to its prompts."""
        before = self._asked

        def stop(*given: Any, **named: Any) -> Any:
            if self._asked == before:
                return what(*given, **named)
            raise _Rehearsed

        return stop

    @contextmanager
    def _encoders_there(self) -> Iterator[None]:
        """Text encoders on the device; the denoiser makes room where both do not fit."""
        if not self._aside or self._in_row or self._device.type == "cpu":
            yield
            return
        encoders, denoisers = self._encoders(), self._denoisers()
        crowded = not self._room_for(encoders)
        if crowded:
            self._move(denoisers, torch.device("cpu"))
        try:
            self._move(encoders, self._device)
            yield
        finally:
            self._move(encoders, torch.device("cpu"))
            if crowded:
                self._move(denoisers, self._device)

    def _encoders(self) -> list[Any]:
        return [part for name, part in self._parts() if name.startswith("text_encoder")]

    def _denoisers(self) -> list[Any]:
        return [part for name, part in self._parts() if name.startswith(("transformer", "unet"))]

    def _parts(self) -> list[tuple[str, Any]]:
        parts = self._pipe.components.items()
        return [(name, part) for name, part in parts if isinstance(part, torch.nn.Module)]

    def _room_for(self, parts: Sequence[Any]) -> bool:
        needed = sum(weight.nbytes for part in parts for weight in part.parameters())
        free, _total = torch.cuda.mem_get_info(self._device)
        return bool(needed * _ROOM < free)

    def _move(self, parts: Sequence[Any], device: torch.device) -> None:
        for part in parts:
            part.to(device)
        if self._device.type == "cuda":
            torch.cuda.empty_cache()


def _copied(value: Any, device: torch.device) -> Any:
    """The same on a device, apart from what pipelines may change in place."""
    if isinstance(value, torch.Tensor):
        return value.to(device, copy=True)
    if isinstance(value, list | tuple):
        return type(value)(_copied(each, device) for each in value)
    return value


def _digest(value: Any) -> str:
    digest = hashlib.sha256()
    _feed(digest.update, value)
    return digest.hexdigest()


def _feed(update: Callable[[bytes], None], value: Any) -> None:
    if isinstance(value, torch.Tensor):
        update(f"{value.dtype}{tuple(value.shape)}".encode())
        update(value.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    elif isinstance(value, Mapping):
        for name in sorted(value):
            update(f"{name}=".encode())
            _feed(update, value[name])
    elif isinstance(value, list | tuple):
        update(f"[{len(value)}".encode())
        for each in value:
            _feed(update, each)
    elif hasattr(value, "tobytes"):
        update(f"{getattr(value, 'size', '')}{getattr(value, 'mode', '')}".encode())
        update(value.tobytes())
    else:
        update(f"{type(value).__name__}:{value!r};".encode())
