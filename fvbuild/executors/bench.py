"""A worker's bench on a machine of the cluster: it makes the takes that it is asked for.

Makers stay open from one take to the next: a target keeps its models, as it does in a build.
"""

from __future__ import annotations

import pickle
import shutil
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from fvbuild.engine.action import Action, InputFile, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.purchase import NOTHING
from fvbuild.engine.target import Price
from fvbuild.errors import ExecutorError, TargetError
from fvbuild.executors.parcels import (
    PIECE_BYTES,
    Done,
    Failed,
    Left,
    Needs,
    Output,
    Request,
    failed,
    left,
)
from fvbuild.executors.shelf import Shelf

Make: TypeAlias = Callable[[Action], Outcome]
Opening: TypeAlias = Callable[[Sequence[int | str], Path], Make]
"""Brings a maker to the process it is called in: for the devices that it may use, with an empty
folder that stays as long as the process."""

_MOST_TOLD = 100


class Bench:
    """Makes one take at a time; to be told of it, and to stop it, may come meanwhile."""

    def __init__(
        self,
        build: str,
        token: tuple[str, str] | None,
        gpus: Sequence[Any],
        store: bytes | None = None,
    ) -> None:
        """``token``: a file and what is in it, where the build runs. ``gpus``: as Ray names them.
        ``store``: the shared store, see :class:`~fvbuild.executors.shelf.StoreThere`.

        A machine that finds the token, and can write beside it, sees the build's own folders:
        then no file is sent.
        """
        self.near = token is not None and _sees(*token)
        self._shelf = Shelf(build, store)
        self._devices: tuple[int | str, ...] = tuple(_number(each) for each in gpus) or ("cpu",)
        self._makers: dict[bytes, Make] = {}
        self._told: dict[str, list[tuple[float, str]]] = {}
        self._stopped: dict[str, threading.Event] = {}
        self._folder: Path | None = None

    def make(self, request: Request, given: Mapping[str, Sequence[Any]]) -> Done | Needs | Failed:
        """Make a take. ``given``: by digest, what to ask Ray for to have a file's pieces."""
        self._told.clear()
        try:
            self._take_in(given)
            action, needs = self._action(request)
            if needs:
                return Needs(tuple(needs))
            outcome = self._maker(request.opening)(action)
            outputs = tuple(self._output(made, action, request) for made in outcome.outputs)
            self._tell_trouble(request.id)
            told = self.told(request.id)
            return Done(outputs, outcome.cost, outcome.provenance, told)
        except Exception as error:  # also a plug-in's bug: it is told where the build runs
            if type(error).__module__.startswith("ray."):
                raise  # of machines, not of makers
            return failed(error)
        finally:
            self._stopped.pop(request.id, None)

    def told(self, request: str) -> list[tuple[float, str]]:
        """The progress of a take since it was asked for last."""
        return self._told.pop(request, [])

    def stop(self, request: str) -> None:
        """Have a take given up as soon as its maker looks."""
        self._stopped.setdefault(request, threading.Event()).set()

    def read(self, name: str, offset: int) -> bytes:
        """A piece of a file that the last take left."""
        assert self._folder is not None, "a file is read after it was made"
        with (self._folder / name).open("rb", buffering=0) as file:
            file.seek(offset)
            return file.read(PIECE_BYTES)

    def leave(self) -> None:
        """Clear away."""
        self._shelf.leave()

    # --- before and after -----------------------------------------------------------------------

    def _take_in(self, given: Mapping[str, Sequence[Any]]) -> None:
        if not given:
            return
        import ray

        for digest, pieces in given.items():
            self._shelf.take_in(digest, (ray.get(piece) for piece in pieces))

    def _action(self, request: Request) -> tuple[Action, list[str]]:
        """The action, and the digests of what has to be sent before it can be made."""
        needs: dict[str, None] = {}

        def found(given: InputFile) -> InputFile:
            # What is away may be where it is known to be, and not in the folders of the build.
            if given.path is None or (self.near and given.path.exists()):
                return given
            path = self._shelf.path(given.digest, shared=given.digest in request.shared)
            if path is None:
                needs[given.digest] = None
            return replace(given, path=path)

        inputs = {role: tuple(map(found, files)) for role, files in request.inputs.items()}
        self._tell_trouble(request.id)
        stop = self._stopped.setdefault(request.id, threading.Event())
        action = Action(
            request.node,
            request.kind,
            request.params,
            inputs,
            Path() if needs else self._new_folder(request),
            settings=request.settings,
            seed=request.seed,
            take=request.take,
            progress=lambda done, note: self._tell(request.id, done, note),
            cancelled=stop.is_set,
            purchases=_NothingIsBought(),
        )
        return action, list(needs)

    def _new_folder(self, request: Request) -> Path:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        if self.near:
            request.folder.mkdir()
            return request.folder
        self._folder = self._shelf.new_folder()
        return self._folder

    def _maker(self, opening: bytes) -> Make:
        if opening not in self._makers:
            try:
                opened: Opening = pickle.loads(opening)
            except (ImportError, AttributeError) as error:
                raise ExecutorError(
                    f"what makes this is not on the machine {socket.gethostname()}: {error}",
                    hint="install there what is installed here, plug-ins as well",
                ) from error
            self._makers[opening] = opened(self._devices, self._shelf.new_folder())
        return self._makers[opening]

    def _tell(self, request: str, done: float, note: str) -> None:
        told = self._told.setdefault(request, [])
        told.append((done, note))
        del told[:-_MOST_TOLD]

    def _tell_trouble(self, request: str) -> None:
        if self._shelf.trouble:
            self._tell(request, 0.0, self._shelf.trouble)
            self._shelf.trouble = ""

    def _output(self, made: Made, action: Action, request: Request) -> Output:
        file = None
        if made.path is not None:
            path = made.path if made.path.is_absolute() else action.folder / made.path
            name = str(path.relative_to(action.folder))
            # Where the build sees it, its bytes are digested there, once.
            near = self._folder is None
            file = Left(name, 0, "") if near else self._left(path, name, keep=request.keep)
        return Output(
            made.media_type, made.text, made.data, made.same_as, made.name, made.facts, file
        )

    def _left(self, path: Path, name: str, *, keep: bool) -> Left:
        """A file that was made: small ones go with the answer, others into the shared store."""
        file = left(path, name)
        if keep and file.data is None and self._shelf.keep(file.digest, path):
            return replace(file, stored=True)
        return file


def _sees(path: str, text: str) -> bool:
    token = Path(path)
    try:
        if token.read_text(encoding="utf-8") != text:
            return False
        # Not every machine that may read may also write.
        beside = token.with_name(f"{text}-{threading.get_ident()}")
        beside.mkdir()
        beside.rmdir()
    except (OSError, UnicodeDecodeError):
        return False
    return True


def _number(gpu: Any) -> int | str:
    return int(gpu) if str(gpu).isdigit() else str(gpu)


class _NothingIsBought:
    """The purchases of a take that is made where no ledger is."""

    def unfinished(self) -> None:
        """There are none."""

    def begin(
        self,
        model: str,
        price: Price,
        *,
        resubmit_safe: bool,
        note: Mapping[str, Json] = NOTHING,
    ) -> NoReturn:
        """Refuse: what is bought is written down first, and that can be done at home alone."""
        del model, price, resubmit_safe, note
        raise TargetError(
            "this would spend money, and nothing is bought on a machine of the cluster",
            hint="its target has to say what a take costs; then it is made where the build runs",
        )
