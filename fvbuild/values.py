"""``dataclass`` for plain values, in a form that costs little at every start of the program.

The standard one writes and compiles up to eight methods a class; for the hundred classes that a
build needs this was a third of its start. Here ``__init__`` alone is compiled. The rest is the
standard one's: ``fields``, ``replace`` and ``asdict`` work. Of what ``field`` can say, defaults
alone are understood.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool = False, slots: bool) -> Callable[[type], type]:
        """Make a class of its annotated fields. There is no form without ``slots``."""
        if not slots:
            raise TypeError("values have slots")
        return _frozen if frozen else _open


def _open(given: type[Any]) -> type[Any]:
    cls = _with_slots(given)
    setters = [f"self.{each.name} = {{}}" for each in dataclasses.fields(cls)]
    methods = {"__init__": _initializer(cls, setters, {}), **_comparing(cls), "__hash__": None}
    return _with_methods(cls, given, methods)


def _frozen(given: type[Any]) -> type[Any]:
    cls = _with_slots(given)
    names = [each.name for each in dataclasses.fields(cls)]
    # Past the lock on attributes.
    slots = {f"_set_{name}": getattr(cls, name).__set__ for name in names}
    setters = [f"_set_{name}(self, {{}})" for name in names]
    methods = {"__init__": _initializer(cls, setters, slots), **_comparing(cls), **_LOCKED}
    return _with_methods(cls, given, methods)


def _with_slots(given: type[Any]) -> type[Any]:
    if given.__doc__ is None:
        given.__doc__ = given.__name__  # the standard one would work out a signature to put here
    return dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(given)


def _with_methods(cls: type[Any], given: type[Any], methods: dict[str, Any]) -> type[Any]:
    for name, method in {**methods, "__repr__": _shown}.items():
        if name not in given.__dict__:
            setattr(cls, name, method)
    return cls


def _initializer(cls: type[Any], setters: list[str], known: dict[str, Any]) -> Callable[..., None]:
    """``__init__`` as one would write it; ``setters`` are its lines, with room for the values."""
    known["_missing"] = MISSING
    parameters, lines = ["self"], []
    for field, setter in zip(dataclasses.fields(cls), setters, strict=True):
        name = value = field.name
        if field.default_factory is not MISSING:
            known[f"_new_{name}"] = field.default_factory
            parameters.append(f"{name}=_missing")
            value = f"_new_{name}() if {name} is _missing else {name}"
        elif field.default is not MISSING:
            known[f"_default_{name}"] = field.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        lines.append(setter.format(value))
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    body = "\n ".join(lines) or "pass"
    exec(f"def __init__({', '.join(parameters)}):\n {body}", known)
    made: Callable[..., None] = known["__init__"]
    return made


def _comparing(cls: type[Any]) -> dict[str, Any]:
    """``__eq__`` and ``__hash__`` over all fields."""
    names = [each.name for each in dataclasses.fields(cls)]
    values: Callable[[Any], object] = attrgetter(*names) if names else _nothing

    def equal(self: Any, other: Any) -> object:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    return {"__eq__": equal, "__hash__": lambda self: hash(values(self))}


def _nothing(_self: object) -> tuple[()]:
    return ()


def _shown(self: Any) -> str:
    parts = [f"{each.name}={getattr(self, each.name)!r}" for each in dataclasses.fields(self)]
    return f"{self.__class__.__qualname__}({', '.join(parts)})"


def _refuse_to_set(_self: Any, name: str, _value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _set_state(self: Any, state: tuple[None, dict[str, Any]]) -> None:
    """For copies and pickles, which make a value without ``__init__``."""
    for name, value in state[1].items():
        object.__setattr__(self, name, value)


_LOCKED: dict[str, Any] = {
    "__setattr__": _refuse_to_set,
    "__delattr__": _refuse_to_delete,
    "__setstate__": _set_state,
}
