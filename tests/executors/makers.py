"""Makers that executors are tested with. Machines of a cluster import them by name."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action, Made, Money, Outcome
from fvbuild.engine.digest import Json, of_value
from fvbuild.engine.target import Capabilities, Price
from fvbuild.errors import Interrupted, RefusedError, TargetError


def note(action: Action, word: str = "made") -> None:
    """Write down that it ran, and in which process; the file outlives the process."""
    if (log := action.params.get("log")) is not None:
        with Path(str(log)).open("a") as file:
            file.write(f"{action.node} {word} {os.getpid()}\n")


def describe(action: Action) -> Outcome:
    """All that a maker is given, as one text; and in which process it was made."""
    note(action)
    inputs = {
        role: [given.path.read_text() if given.path else given.text for given in files]
        for role, files in action.inputs.items()
    }
    seen = [action.node, action.kind, dict(action.params), inputs, dict(action.settings)]
    text = of_value([*seen, action.seed, action.take])
    return Outcome((Made("text/plain", text=text, facts={"process": os.getpid()}),))


def every_form(action: Action) -> Outcome:
    """An output of every form that there is."""
    (action.folder / "below").mkdir()
    file = action.folder / "below" / "clip.bin"
    file.write_bytes(b"in a file")
    empty = action.folder / "empty.txt"
    empty.write_bytes(b"")
    (given,) = action.inputs["source"]
    return Outcome(
        (
            Made("application/x-clip", file, name="clip", facts={"frames": 3, "fps": "24"}),
            Made("text/plain", text="written: ä"),
            Made("application/x-data", data=b"\x00\xff"),
            Made("text/plain", empty),
            Made("text/plain", same_as=given.digest, facts={"passed": True}),
        ),
        cost=Money(0.0, "USD"),
        provenance={"versions": {"av": "1"}, "steps": [1, 2]},
    )


def large(action: Action) -> Outcome:
    """A file of as many bytes as it is told, and what its inputs come to."""
    size = int(str(action.params["size_bytes"]))
    file = action.folder / "large.bin"
    block = bytes(range(256)) * 4096
    with file.open("wb") as out:
        for _ in range(size // len(block)):
            out.write(block)
        out.write(block[: size % len(block)])
    sums: list[Json] = [
        len(f.path.read_bytes()) for fs in action.inputs.values() for f in fs if f.path
    ]
    return Outcome((Made("application/x-large", file, facts={"read": sums}),))


def steps(action: Action) -> Outcome:
    """Goes on step by step, tells of each, and looks whether it shall stop."""
    note(action, "began")
    count = int(str(action.params["steps"]))
    for step in range(count):
        action.progress(step / count, f"step {step}")
        time.sleep(0.05)
        action.check_cancelled()
    note(action)
    return Outcome((Made("text/plain", text=f"{count} steps"),))


def meet(action: Action) -> Outcome:
    """Waits until as many are being made at once as it is told."""
    note(action, "began")
    log = Path(str(action.params["log"]))
    deadline_s = time.monotonic() + 60
    while log.read_text().count(" began ") < int(str(action.params["count"])):
        if time.monotonic() > deadline_s:
            raise TargetError("nobody else came")
        time.sleep(0.02)
    return describe(action)


def deaf(action: Action) -> Outcome:
    """Never looks whether it shall stop."""
    note(action, "began")
    time.sleep(60)
    return Outcome(())


def fail(action: Action) -> Outcome:
    """Raises what it is told to."""
    raise FAILURES[str(action.params["how"])]()


FAILURES: Mapping[str, Callable[[], BaseException]] = {
    "refused": lambda: RefusedError("too dark", flagged_input=True, hint="brighter", place="a:1:2"),
    "target": lambda: TargetError("it cannot", hint="another size"),
    "stopped": lambda: Interrupted("stopped"),
    "bug": lambda: KeyError("nothing here"),
    "denied": lambda: PermissionError(13, "Permission denied", "/somewhere"),
    "full": lambda: OSError(28, "No space left on device", "/somewhere"),
    "odd": lambda: _odd(),
}


class OddError(TargetError):
    """Its ``__init__`` asks for other things than its base, and it holds what cannot be sent."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word
        self.held = lambda: None


def _odd() -> OddError:
    return OddError("odd", "odd indeed")


def die_once(action: Action) -> Outcome:
    """The first time, ends its whole process."""
    note(action, "began")
    mark = Path(str(action.params["mark"]))
    with contextlib.suppress(FileExistsError):
        mark.touch(exist_ok=False)
        os.kill(os.getpid(), signal.SIGKILL)
    return describe(action)


def die(action: Action) -> Outcome:
    """Ends its whole process."""
    note(action, "began")
    os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(())


@dataclass
class ToyTarget:
    """A target whose model takes long to load; every load is written down."""

    name: str
    pool: str = "gpu"
    cost: Price = field(default_factory=Price)
    loaded: bool = False

    capabilities = Capabilities(frozenset({"anchor"}))

    @property
    def identity(self) -> Mapping[str, Json]:
        """Its name."""
        return {"model": self.name}

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        """The same for every kind."""
        return self.identity

    def price(self, kind: str, params: Mapping[str, Json]) -> Price:
        """What it was given."""
        return self.cost

    def make(self, action: Action) -> Outcome:
        """Loads its model, the first time."""
        if not self.loaded:
            note(action, f"loads-{self.name}")
            self.loaded = True
        return describe(action)


class Buyer(ToyTarget):
    """A target that spends, in the ledger that it was given."""

    def make(self, action: Action) -> Outcome:
        """Buys."""
        action.purchases.begin("veo", self.cost, resubmit_safe=False)
        return describe(action)


@dataclass(frozen=True)
class Opening:
    """Brings a toy target to another process."""

    name: str

    def __call__(self, devices: Any, folder: Path) -> Callable[[Action], Outcome]:
        assert folder.is_dir()
        return (Buyer if self.name == "veo" else ToyTarget)(self.name).make
