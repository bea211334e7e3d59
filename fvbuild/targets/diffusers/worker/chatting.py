"""Captions and motions by a chat model of transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from fvbuild.errors import TargetError
from fvbuild.targets.diffusers.worker.loading import Loaded
from fvbuild.targets.diffusers.worker.messages import Work
from fvbuild.targets.diffusers.worker.steps import Steps


def written(work: Work, loaded: Loaded, steps: Steps) -> dict[str, Any]:
    """Ask, and write the answer to ``work.out`` as plain text in one line.

    Raises TargetError when the model says nothing.
    """
    from transformers import StoppingCriteria, StoppingCriteriaList

    class _Told(StoppingCriteria):  # type: ignore[misc]  # transformers is untyped here
        def __call__(self, input_ids: Any, scores: Any, **_named: Any) -> Any:
            steps.update()
            return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)

    model, tokenizer = loaded.pipeline, loaded.tokenizer
    asked = [{"role": "system", "content": work.system}, {"role": "user", "content": work.prompt}]
    tokens = tokenizer.apply_chat_template(
        [each for each in asked if each["content"]],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    ).to(model.device)
    torch.manual_seed(work.seed)
    with torch.inference_mode():
        output = model.generate(
            **tokens,
            max_new_tokens=work.max_tokens,
            do_sample=True,
            stopping_criteria=StoppingCriteriaList([_Told()]),
            **work.arguments,
        )
    answer = tokenizer.decode(output[0][tokens["input_ids"].shape[1] :], skip_special_tokens=True)
    text = _one_line(answer)
    if not text:
        raise TargetError("the chat model said nothing", hint="raise max_tokens, or use another")
    Path(work.out).write_text(text, encoding="utf-8")
    return {"characters": len(text), "steps_s": steps.seconds_each()}


def _one_line(answer: str) -> str:
    """The answer proper: after its thoughts, without control characters, in one line."""
    said = answer.rpartition("</think>")[2]
    return " ".join("".join(c if c.isprintable() else " " for c in said).split()).strip('"')
