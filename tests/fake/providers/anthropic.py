"""Anthropic's messages: text, forced tools, JSON by schema; a refusal is a success in HTTP."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..provider import Provider, answer, route
from ..schema import sample
from ..wire import Request, Response

_FIELDS = (
    "model", "max_tokens", "messages", "system", "tools", "tool_choice", "output_config",
    "stop_sequences", "thinking", "service_tier", "metadata", "stream",
)  # fmt: skip
_PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")


class Anthropic(Provider):
    """Base `https://api.anthropic.com`."""

    name = "anthropic"
    secrets: ClassVar[Mapping[str, str]] = {"ANTHROPIC_API_KEY": "sk-ant-api03-" + "fake" * 12}
    refusals: ClassVar[Mapping[str, str]] = {"stop_reason": "job", "empty_refusal": "job"}
    failures = ("max_tokens", "pause_turn")

    def authorised(self, request: Request) -> bool:
        """Either header of the client's two generations."""
        by_header = request.headers.get("x-api-key") == self.key
        return (by_header or super().authorised(request)) and "anthropic-version" in request.headers

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{type: "error", error: {type, message}, request_id}`."""
        words = {
            "bad_request": (400, "invalid_request_error"),
            "auth": (401, "authentication_error"),
            "quota": (402, "billing_error"),
            "not_found": (404, "not_found_error"),
            "rate_limit": (429, "rate_limit_error"),
            "server": (529, "overloaded_error"),
        }
        status, word = words[kind]
        request_id = "req_" + uuid.uuid4().hex[:24]
        body = {"type": "error", "error": {"type": word, "message": message}}
        return answer({**body, "request_id": request_id}, status, request_id=request_id)

    @route("POST", "/v1/messages", stage="submit", operation="messages")
    def messages(self, request: Request) -> Response:
        fields = self.body(request).known(*_FIELDS)
        model = fields.text("model", required=True)
        most = fields.integer("max_tokens", 1, required=True)
        prompt = self._prompt(fields)
        tools = {tool.text("name", required=True): tool for tool in fields.objects("tools")}
        for tool in tools.values():
            tool.object("input_schema", required=True)
        tokens_in, tokens_out = len(prompt) // 4 + 20, min(80, most or 80)
        amount = (2 * tokens_in + 10 * tokens_out) / 1_000_000
        job = self.accept(
            request,
            model=model,
            prompt=prompt,
            amount=amount,
            job_id="msg_" + uuid.uuid4().hex[:24],
            synchronous=True,
        )
        state, shape = job.poll(), job.fate.shape
        content, stop = self._content(fields, prompt, tools)
        if state == "refused":
            content, stop = (
                ([] if shape == "empty_refusal" else [_text("I can't help.")]),
                "refusal",
            )
        elif state == "failed":
            content, stop = [_text("An unfinished")], shape
        elif state == "empty":
            content = []
        details = {"type": "refusal", "category": "general_harms", "explanation": "Not allowed."}
        return answer(
            {
                "id": job.id,
                "type": "message",
                "role": "assistant",
                "model": model,
                "content": content,
                "stop_reason": stop,
                "stop_details": details if stop == "refusal" else None,
                "stop_sequence": None,
                "usage": {
                    "input_tokens": tokens_in,
                    "output_tokens": tokens_out,
                    "cache_creation_input_tokens": 0,
                    "cache_read_input_tokens": 0,
                },
            },
            request_id="req_" + uuid.uuid4().hex[:24],
        )

    def _prompt(self, fields: Fields) -> str:
        """All text of the conversation, whose blocks are looked at on the way."""
        texts = [_system(fields)]
        for message in fields.objects("messages", required=True):
            message.one_of("role", ("user", "assistant"), required=True)
            content = message.get("content", required=True)
            if isinstance(content, str):
                texts.append(content)
                continue
            for block in message.objects("content", required=True):
                kind = block.text("type", required=True)
                if kind == "text":
                    texts.append(block.text("text", required=True))
                elif kind == "image":
                    self._check_picture(block.object("source", required=True))
        return "\n".join(filter(None, texts))

    def _check_picture(self, source: Fields) -> None:
        kind = source.one_of("type", ("base64", "url", "file"), required=True)
        if kind == "base64":
            media_type = source.one_of("media_type", _PICTURES, required=True)
            source.base64_media("data", media_type)
        elif kind == "url":
            source.media_ref("url", required=True, data_uri=False)
        else:
            source.text("file_id", required=True)

    def _content(
        self, fields: Fields, prompt: str, tools: dict[str, Fields]
    ) -> tuple[list[dict[str, Any]], str]:
        choice = fields.object("tool_choice")
        kind = choice.one_of("type", ("auto", "any", "tool", "none"))
        if kind == "tool":
            name = choice.text("name", required=True)
            if name not in tools:
                choice.reject("name", f"there is no tool {name}")
            made = sample(tools[name].values["input_schema"], prompt)
            use = {"type": "tool_use", "id": "toolu_" + uuid.uuid4().hex[:24], "name": name}
            return [{**use, "input": made}], "tool_use"
        form = fields.object("output_config").object("format")
        if form.values:
            form.one_of("type", ("json_schema",), required=True)
            schema = form.object("schema", required=True).values
            return [_text(json.dumps(sample(schema, prompt)))], "end_turn"
        return [_text(sample({"type": "string"}, prompt))], "end_turn"


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _system(fields: Fields) -> str:
    if isinstance(fields.get("system"), list):
        return "\n".join(block.text("text") for block in fields.objects("system"))
    return fields.text("system")
