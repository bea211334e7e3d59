"""What all parts of a provider's description share: strictness, and the little languages in it.

A description is data. Three kinds of its texts are read by other languages, and each has a type
here, so that :mod:`fvbuild.targets.api.load` finds and compiles every one of them:

Template  Jinja, in a sandbox, over the context of a call (``{{ prompt }}``)
Path      JMESPath, over the JSON of an answer (``data.task_id``)
Pattern   a regular expression, searched for without regard to case
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from fvbuild.film.model_base import AsList as AsList
from fvbuild.film.model_base import AsMap as AsMap
from fvbuild.film.model_base import AsText as AsText
from fvbuild.film.model_base import Flag as Flag
from fvbuild.film.model_base import Form as Form
from fvbuild.film.model_base import Number as Number
from fvbuild.film.model_base import Text as Text
from fvbuild.film.model_base import Whole as Whole


class Part(BaseModel):
    """A mapping of a description. Unknown fields are errors; nothing is converted in silence."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
        defer_build=True,
        protected_namespaces=(),
    )


def wrong(message: str) -> PydanticCustomError:
    """What a check of a part raises; pydantic gives ordinary errors words of its own."""
    return PydanticCustomError("wrong", "{message}", {"message": message})


class Language:
    """The language that a text is written in: ``jinja``, ``values``, ``jmespath`` or ``regex``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Language({self.name!r})"


JINJA = Language("jinja")
EXPRESSION = Language("expression")
VALUES = Language("values")
JMESPATH = Language("jmespath")
REGEX = Language("regex")


Template = Annotated[Text, JINJA]
"""Jinja over the context of a call."""

Expression = Annotated[Text, EXPRESSION]
"""What stands between the braces of ``{{ }}``: true or false by Jinja's rules."""

Path = Annotated[Text, JMESPATH]
"""JMESPath over the JSON of an answer."""

Pattern = Annotated[Text, REGEX]
"""A regular expression, searched for anywhere in a text without regard to case."""

Count = Annotated[int, Strict(), Field(ge=1)]
Seconds = Annotated[float, Strict(), Field(ge=0)]
"""A time in seconds."""

Tree = Annotated[Any, VALUES]
"""Any YAML value whose texts are templates; see :mod:`fvbuild.targets.api.values`."""

Fields = Annotated[dict[str, Any], VALUES]
"""A mapping of values whose texts are templates."""

Headers = Annotated[dict[str, Template], Field(examples=[{"X-Version": "2024-11-06"}])]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Names = Annotated[
    Annotated[Word, AsText] | Annotated[list[Word], AsList, Field(min_length=1)], Form
]
Day = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$",
        json_schema_extra={"format": "date"},
    ),
]
"""A day, as 2026-11-20; days compare as their texts do."""
