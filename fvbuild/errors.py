"""The error tree, each branch with the exit code it ends the program with.

A message says what is wrong; ``place`` says where (``film.yaml:52:9``); ``hint`` is the next step.
Anything that is not a :class:`FilmBuildError` and reaches the command line is a bug of ours.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """Exit codes, a contract. Where several hold, :func:`worst` says which one is given."""

    DONE = 0
    NODE_FAILED = 1
    USAGE = 2
    CHANGES = 3
    BUDGET = 4
    UNRESOLVED = 5
    WAITS_FOR_APPROVAL = 6
    INTERRUPTED = 130


_PRECEDENCE = (
    Exit.INTERRUPTED,
    Exit.UNRESOLVED,
    Exit.BUDGET,
    Exit.NODE_FAILED,
    Exit.WAITS_FOR_APPROVAL,
)


def worst(codes: set[Exit]) -> Exit:
    """The one code to leave with when several hold."""
    return next((code for code in _PRECEDENCE if code in codes), Exit.DONE)


class FilmBuildError(Exception):
    """Root of every error a user can meet."""

    exit_code = Exit.NODE_FAILED

    def __init__(self, message: str, *, place: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text}\n  hint: {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors go from process to process whole, whatever their ``__init__`` asks for."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[FilmBuildError], args: tuple[Any, ...], told: dict[str, Any]) -> Any:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(told)
    return error


class UsageError(FilmBuildError):
    """A command line that cannot be carried out: unknown node, bad goal, missing film."""

    exit_code = Exit.USAGE


class SettingError(UsageError):
    """A setting of a film's target is wrong. ``setting`` is its name, empty where it is the target
    itself; ``named``: the name is what is wrong, and not the value."""

    def __init__(
        self, message: str, setting: str = "", *, named: bool = False, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.setting = setting
        self.named = named


class ManifestError(FilmBuildError):
    """The film's files are wrong. ``str()`` is every diagnostic, ready to print."""

    exit_code = Exit.USAGE


class StateError(FilmBuildError):
    """Lock or state cannot be used as it is: from a newer version, merge marks, unreadable."""

    exit_code = Exit.USAGE


class StoreError(FilmBuildError):
    """The store cannot be read or written: full, read-only, lost."""


class ArtifactError(StoreError):
    """One artifact is missing or is not what its digest says."""


class GoneError(ArtifactError):
    """The shared store does not have an artifact any more, or has other bytes under its name."""

    def __init__(self, digest: str, message: str) -> None:
        super().__init__(
            message,
            hint="build again: it is made again where that is free, and priced where it is not",
        )
        self.digest = digest


class RemoteError(StoreError):
    """The shared store cannot be reached, refuses, or answers what makes no sense."""


class ExecutorError(FilmBuildError):
    """The machines that takes are sent to cannot be reached, or are not fit for it."""

    exit_code = Exit.USAGE


class TargetError(FilmBuildError):
    """A target could not make a node."""


class RefusedError(TargetError):
    """A provider will not make this: its rules speak against the words, a picture or the result.

    ``flagged_input``: a picture that was given is what it refuses, so asking again is useless.
    """

    def __init__(
        self,
        message: str,
        *,
        flagged_input: bool = False,
        place: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, place=place, hint=hint)
        self.flagged_input = flagged_input


class RejectedInputError(TargetError):
    """A provider cannot take the request as it is: a field, a size, a model that is gone."""


class QuotaError(TargetError):
    """The account has nothing left to spend there, so nothing more is asked of it in this build."""


class UnavailableError(TargetError):
    """A provider does not answer, or fails, or is too busy, after all retries."""


class UnauthorisedError(TargetError):
    """A key is missing, or the provider does not accept it."""


class JobFailedError(TargetError):
    """A provider took the job and could not finish it, for reasons of its own."""


class UnresolvedError(TargetError):
    """Whether a take was bought cannot be known, so nothing may be bought before a person says."""

    exit_code = Exit.UNRESOLVED


class BudgetError(TargetError):
    """A request would cost more than may still be spent; it was not made."""

    exit_code = Exit.BUDGET


class MediaError(FilmBuildError):
    """A picture, clip or sound that cannot be decoded, or is not what it claims."""


class Interrupted(FilmBuildError):
    """The user, or a signal, asked to stop. Nothing made so far is lost."""

    exit_code = Exit.INTERRUPTED
