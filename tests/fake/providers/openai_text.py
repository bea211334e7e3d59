"""OpenAI's chat completions and responses, which many other hosts speak too."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..jobs import Job
from ..provider import Provider, answer, route
from ..schema import sample
from ..wire import Request, Response

_CHAT = (
    "model", "messages", "response_format", "temperature", "top_p", "max_tokens", "stop",
    "max_completion_tokens", "seed", "n", "user", "reasoning_effort", "verbosity", "store",
    "metadata", "modalities", "providerOptions", "stream",
)  # fmt: skip
_RESPONSES = (
    "model", "input", "text", "instructions", "temperature", "top_p", "max_output_tokens", "store",
    "reasoning", "metadata", "background", "user", "stream", "previous_response_id",
)  # fmt: skip


def error_body(
    message: str, kind: str, code: str | None, name: str | None = None
) -> dict[str, Any]:
    """`{"error": {message, type, param, code}}`."""
    return {"error": {"message": message, "type": kind, "param": name, "code": code}}


class OpenAIText(Provider):
    """The part of the API that answers in words."""

    name = "openai"
    secrets: ClassVar[Mapping[str, str]] = {"OPENAI_API_KEY": "sk-proj-" + "fake" * 10}
    hosts: ClassVar[Mapping[str, str]] = {"": "/v1"}
    refusals: ClassVar[Mapping[str, str]] = {
        "chat:refusal": "job",
        "chat:content_filter": "job",
        "responses:refusal": "job",
    }

    def error(self, kind: str, message: str, name: str = "") -> Response:
        words = {
            "bad_request": (400, "invalid_request_error", "invalid_value"),
            "auth": (401, "invalid_request_error", "invalid_api_key"),
            "not_found": (404, "invalid_request_error", "not_found"),
            "rate_limit": (429, "requests", "rate_limit_exceeded"),
            "quota": (429, "insufficient_quota", "insufficient_quota"),
            "server": (500, "server_error", None),
        }
        status, word, code = words[kind]
        response = answer(error_body(message, word, code, name or None), status)
        response.headers["x-request-id"] = "req_" + uuid.uuid4().hex
        if kind == "rate_limit":
            response.headers |= {
                "x-ratelimit-limit-requests": "60",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1s",
            }
        return response

    @route("POST", "/v1/chat/completions", stage="submit", operation="chat")
    def chat(self, request: Request) -> Response:
        fields = self.body(request).known(*_CHAT)
        prompt = self.conversation(fields.objects("messages", required=True))
        job = self._write(request, fields, prompt, "chatcmpl-")
        form = fields.object("response_format")
        kind = form.one_of("type", ("text", "json_object", "json_schema"))
        schema: dict[str, Any] = {"type": "string"}
        if kind == "json_schema":
            named = form.object("json_schema", required=True)
            named.text("name", required=True, most=64)
            schema = dict(named.object("schema", required=True).values)
        text, stop, refusal = self._said(job, schema, prompt, is_json=kind != "text" and bool(kind))
        message: dict[str, Any] = {
            "role": "assistant",
            "content": text,
            "refusal": refusal,
            "annotations": [],
        }
        choice = {"index": 0, "message": message, "finish_reason": stop, "logprobs": None}
        return answer(
            {
                "id": job.id,
                "object": "chat.completion",
                "created": int(job.created),
                "model": job.model,
                "choices": [] if job.state() == "empty" else [choice],
                "usage": {
                    "prompt_tokens": len(prompt) // 4,
                    "completion_tokens": 80,
                    "total_tokens": len(prompt) // 4 + 80,
                },
            },
            x_request_id="req_" + uuid.uuid4().hex,
        )

    def _write(self, request: Request, fields: Fields, prompt: str, prefix: str) -> Job:
        job = self.accept(
            request,
            model=fields.text("model", required=True),
            prompt=prompt,
            amount=(1.25 * len(prompt) / 4 + 10 * 80) / 1_000_000,
            job_id=prefix + uuid.uuid4().hex,
            synchronous=True,
        )
        job.poll()
        return job

    def conversation(self, messages: list[Fields]) -> str:
        """All text of a conversation, whose picture parts are looked at on the way."""
        texts = []
        roles = ("system", "developer", "user", "assistant", "tool")
        for message in messages:
            message.one_of("role", roles, required=True)
            if isinstance(message.get("content"), str):
                texts.append(message.text("content"))
                continue
            for part in message.objects("content", required=True):
                kind = part.one_of("type", ("text", "image_url", "input_text", "input_image"))
                if kind in ("text", "input_text"):
                    texts.append(part.text("text", required=True))
                elif kind == "image_url":
                    part.object("image_url", required=True).media_ref("url", required=True)
                else:
                    part.media_ref("image_url", required=True)
        return "\n".join(texts)

    def _said(
        self, job: Job, schema: dict[str, Any], prompt: str, *, is_json: bool
    ) -> tuple[str | None, str, str | None]:
        """(text, finish reason, refusal)."""
        if job.fate.shape == "refusal":
            return None, "stop", "I'm sorry, I can't assist with that request."
        if job.fate.shape == "content_filter":
            return "", "content_filter", None
        value = sample(schema, prompt)
        text = json.dumps(value) if is_json else str(value)
        if job.state() == "failed":
            return text[: len(text) // 2], "length", None
        return text, "stop", None

    @route("POST", "/v1/responses", stage="submit", operation="responses")
    def responses(self, request: Request) -> Response:
        fields = self.body(request).known(*_RESPONSES)
        if isinstance(fields.get("input", required=True), str):
            prompt = fields.text("input", required=True)
        else:
            prompt = self.conversation(fields.objects("input", required=True))
        prompt = "\n".join(filter(None, (fields.text("instructions"), prompt)))
        form = fields.object("text").object("format")
        schema: dict[str, Any] = {"type": "string"}
        is_json = form.one_of("type", ("text", "json_object", "json_schema")) == "json_schema"
        if is_json:
            form.text("name", required=True)
            schema = dict(form.object("schema", required=True).values)
        job = self._write(request, fields, prompt, "resp_")
        text, stop, refusal = self._said(job, schema, prompt, is_json=is_json)
        part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
        if refusal:
            part = {"type": "refusal", "refusal": refusal}
        item = {"type": "message", "id": "msg_" + uuid.uuid4().hex, "role": "assistant"}
        status = "incomplete" if stop == "length" else "completed"
        return answer(
            {
                "id": job.id,
                "object": "response",
                "created_at": int(time.time()),
                "status": status,
                "model": job.model,
                "error": None,
                "incomplete_details": {"reason": "max_output_tokens"} if stop == "length" else None,
                "instructions": fields.get("instructions"),
                "output": []
                if job.state() == "empty"
                else [{**item, "status": status, "content": [part]}],
                "parallel_tool_calls": True,
                "tool_choice": "auto",
                "tools": [],
                "metadata": {},
                "temperature": 1.0,
                "top_p": 1.0,
                "usage": {
                    "input_tokens": 50,
                    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                    "output_tokens": 80,
                    "output_tokens_details": {"reasoning_tokens": 0},
                    "total_tokens": 130,
                },
            },
            x_request_id="req_" + uuid.uuid4().hex,
        )

    @route("GET", "/v1/models", stage="other", operation="models")
    def models(self, request: Request) -> Response:
        model = {"id": "gpt-5.1", "object": "model", "created": 1760000000, "owned_by": "openai"}
        return answer({"object": "list", "data": [model]})
