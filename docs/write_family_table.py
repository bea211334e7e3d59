"""Write the table of local model families in docs/local-models.md from the families' own data.

python docs/write_family_table.py            # writes
python docs/write_family_table.py --check    # fails where it is not current
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from fvbuild.targets.diffusers.family import Family, families

PAGE = Path(__file__).parent / "local-models.md"
BEGIN, END = "<!-- families -->", "<!-- end of families -->"
_BYTES_A_WEIGHT = 2
_SMALL_BILLIONS = 0.1
_WORDS = {"still": "pictures", "segment": "clips", "text": "words", "upscale": "larger clips"}


def written(page: str) -> str:
    """The page with the table as it should be."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n" + "\n".join(_table()) + f"\n{END}{after}"


def _table() -> Iterator[str]:
    yield "| family | makes | from | sizes | lengths | several devices | in bf16 | licence |"
    yield "|---|---|---|---|---|---|---|---|"
    for family in families().values():
        size = f"{family.pixels / 1e6:.1f} MP, sides by {family.multiple}"
        yield (
            f"| `{family.name}`<br>{family.title} | {_WORDS[family.makes]} | {_given(family)} "
            f"| {size if family.makes in ('still', 'segment') else ''} | {_lengths(family)} "
            f"| {_devices(family)} "
            f"| {_memory(family)} | {family.licence} |"
        )


def _given(family: Family) -> str:
    if family.makes == "upscale":
        return "a clip"
    references = family.role("references")
    given = {
        "words": family.role("prompt") is not None,
        "a first frame": family.role("start") is not None,
        "a last frame": family.role("end") is not None,
    }
    words = [name for name, able in given.items() if able]
    if references is not None:
        most = references.most
        words.append("a picture" if most == 1 else f"up to {most} pictures")
    if family.masked is not None:
        words.append("a picture and a *mask*" if family.only_masked else "*masks*")
    if family.controlled is not None:
        words.append("*control*")
    return ", ".join(words)


def _devices(family: Family) -> str:
    if family.makes == "upscale":
        return "one"
    return "at once" if family.context_parallel else "by parts"


def _lengths(family: Family) -> str:
    rule = family.frames
    if rule is None:
        return ""
    form = f"{rule.multiple}k+{rule.plus}" if rule.multiple > 1 else "any number of"
    return f"{form} frames to {rule.most / rule.fps:.1f} s at {rule.fps} fps"


def _memory(family: Family) -> str:
    denoiser, encoders = family.billions["denoiser"], family.billions["encoders"]
    if denoiser < _SMALL_BILLIONS:
        return "under 1 GB"
    if not encoders:
        return f"{denoiser * _BYTES_A_WEIGHT:.0f} GB"
    return f"{denoiser * _BYTES_A_WEIGHT:.0f} + {encoders * _BYTES_A_WEIGHT:.0f} GB"


def main(arguments: list[str]) -> int:
    """Write it, or with ``--check`` compare."""
    page = PAGE.read_text(encoding="utf-8")
    if "--check" in arguments:
        return int(written(page) != page)
    PAGE.write_text(written(page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
