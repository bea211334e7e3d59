"""ElevenLabs: sound in the answer itself, errors by `detail.status`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..media import Wanted, made, sound, spoken
from ..provider import Provider, answer, media_answer, route, with_media
from ..wire import Request, Response

_FORMATS = (
    *(f"mp3_{rate}" for rate in ("22050_32", "24000_48", "44100_32", "44100_64", "44100_96",
                                 "44100_128", "44100_192")),
    *(f"pcm_{rate}" for rate in (8000, 16000, 22050, 24000, 44100, 48000)),
    *(f"wav_{rate}" for rate in (8000, 16000, 22050, 24000, 44100, 48000)),
    *(f"opus_48000_{rate}" for rate in (32, 64, 96, 128, 192)),
)  # fmt: skip
_MODELS = (
    "eleven_v4", "eleven_v4_turbo", "eleven_v3", "eleven_multilingual_v2", "eleven_flash_v2_5",
    "eleven_turbo_v2_5",
)  # fmt: skip
_SPEECH = (
    "text", "model_id", "language_code", "voice_settings", "seed", "previous_text", "next_text",
    "previous_request_ids", "next_request_ids", "pronunciation_dictionary_locators",
    "apply_text_normalization", "apply_language_text_normalization", "use_pvc_as_ivc",
)  # fmt: skip


class ElevenLabs(Provider):
    """Base `https://api.elevenlabs.io`."""

    name = "elevenlabs"
    secrets: ClassVar[Mapping[str, str]] = {"ELEVENLABS_API_KEY": "sk_" + "e1" * 24}
    refusals: ClassVar[Mapping[str, str]] = {
        "content_against_policy": "submit",
        "detected_unusual_activity": "submit",
    }

    failures = ()

    def authorised(self, request: Request) -> bool:
        return request.headers.get("xi-api-key") == self.key

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{"detail": {status, message}}`, or FastAPI's list for a faulty field."""
        if kind == "bad_request" and name:
            item = {"loc": ["body", name], "msg": message, "type": "value_error"}
            return answer({"detail": [item]}, 422)
        statuses = {
            "bad_request": (400, "invalid_parameters"),
            "auth": (401, "invalid_api_key"),
            "quota": (401, "quota_exceeded"),
            "not_found": (404, "voice_not_found"),
            "rate_limit": (429, "too_many_concurrent_requests"),
            "server": (500, "internal_server_error"),
        }
        code, status = statuses[kind]
        return answer({"detail": {"status": status, "message": message}}, code)

    def refused(self, shape: str) -> Response:
        code = 401 if shape == "detected_unusual_activity" else 400
        message = "Your request was blocked as it may violate our terms."
        return answer({"detail": {"status": shape, "message": message}}, code)

    @route("POST", "/v1/text-to-speech/{voice}", stage="submit", operation="speech")
    def speech(self, request: Request) -> Response:
        wanted, response = self._speak(request)
        return response or self._audio(request, wanted)

    @route("POST", "/v1/text-to-speech/{voice}/stream", stage="submit", operation="speech")
    def speech_stream(self, request: Request) -> Response:
        return self.speech(request)

    @route("POST", "/v1/text-to-speech/{voice}/with-timestamps", stage="submit",
           operation="speech")  # fmt: skip
    def speech_with_times(self, request: Request) -> Response:
        fields, text, model = self._read(request)
        wanted = self._in_format(request, fields, lambda form, rate: spoken(text, form, rate))
        job = self._bill(request, model, text, wanted, fields.integer("seed"))
        seconds = wanted.seconds / len(text)
        alignment = {
            "characters": list(text),
            "character_start_times_seconds": [n * seconds for n in range(len(text))],
            "character_end_times_seconds": [(n + 1) * seconds for n in range(len(text))],
        }
        audio = self.base64_of(job, job.wanted[0])
        body = {"audio_base64": audio, "alignment": alignment, "normalized_alignment": alignment}
        return with_media(body, character_cost=str(len(text)))

    def _read(self, request: Request) -> tuple[Fields, str, str]:
        fields = self.body(request).known(*_SPEECH)
        text = fields.text("text", required=True)
        model = fields.one_of("model_id", _MODELS) or "eleven_multilingual_v2"
        voice = fields.object("voice_settings")
        voice.known("stability", "similarity_boost", "style", "use_speaker_boost", "speed")
        for name in ("stability", "similarity_boost", "style"):
            voice.number(name, 0, 1)
        voice.number("speed", 0.25, 4)
        fields.integer("seed", 0, 4294967295)
        if len(fields.text("language_code")) not in (0, 2):
            fields.reject("language_code", "must have two letters")
        if not request.args["voice"].isalnum():
            self.reject("no such voice", "voice_id")
        return fields, text, model

    def _speak(self, request: Request) -> tuple[Any, Response | None]:
        fields, text, model = self._read(request)
        wanted = self._in_format(request, fields, lambda form, rate: spoken(text, form, rate))
        return self._bill(request, model, text, wanted, fields.integer("seed")), None

    def _in_format(self, request: Request, fields: Fields, make: Any) -> Wanted:
        name = request.query.get("output_format", "mp3_44100_128")
        if name not in _FORMATS:
            fields.reject("output_format", f"there is no format {name}")
        form, rate = name.split("_")[:2]
        wanted: Wanted = make(form, int(rate))
        return wanted

    def _bill(
        self, request: Request, model: str, text: str, wanted: Wanted, seed: int | None = None
    ) -> Any:
        rate = 0.04 if "flash" in model or "turbo" in model else 0.08
        return self.accept(
            request, model=model, prompt=text, amount=rate * len(text) / 1000, wanted=(wanted,),
            seed=seed, synchronous=True, job_id=uuid.uuid4().hex,
        )  # fmt: skip

    def _audio(self, request: Request, job: Any) -> Response:
        wanted = job.wanted[0]
        content = b"" if job.poll() == "empty" else made(wanted)
        cost = str(len(job.prompt))
        return media_answer(content, wanted.media_type, request_id=job.id, character_cost=cost)

    @route("POST", "/v1/sound-generation", stage="submit", operation="sound_generation")
    def sound_generation(self, request: Request) -> Response:
        fields = self.body(request).known(
            "text", "duration_seconds", "prompt_influence", "loop", "model_id"
        )
        text = fields.text("text", required=True)
        seconds = fields.number("duration_seconds", 0.5, 30) or 3.0
        fields.number("prompt_influence", 0, 1)
        wanted = self._in_format(request, fields, lambda form, rate: sound(seconds, form, rate))
        return self._audio(request, self._bill(request, "sound", text, wanted))

    @route("POST", "/v1/music", stage="submit", operation="music")
    def music(self, request: Request) -> Response:
        fields = self.body(request).known(
            "prompt", "music_length_ms", "model_id", "force_instrumental", "composition_plan"
        )
        text = fields.text("prompt", required=True)
        seconds = (fields.integer("music_length_ms", 3000, 600000) or 10000) / 1000
        wanted = self._in_format(request, fields, lambda form, rate: sound(seconds, form, rate))
        return self._audio(request, self._bill(request, "music", text, wanted))

    @route("POST", "/v1/text-to-dialogue", stage="submit", operation="dialogue")
    def dialogue(self, request: Request) -> Response:
        fields = self.body(request).known("inputs", "model_id", "settings", "seed")
        lines = fields.objects("inputs", required=True)
        for line in lines:
            line.text("voice_id", required=True)
        text = " ".join(line.text("text", required=True) for line in lines)
        wanted = self._in_format(request, fields, lambda form, rate: spoken(text, form, rate))
        return self._audio(request, self._bill(request, "eleven_v3", text, wanted))

    @route("GET", "/v1/voices", stage="other", operation="voices")
    def voices(self, request: Request) -> Response:
        voice = {"voice_id": "21m00Tcm4TlvDq8ikWAM", "name": "Rachel", "category": "premade"}
        return answer({"voices": [voice]})

    @route("GET", "/v1/models", stage="other", operation="models")
    def models(self, request: Request) -> Response:
        return answer([{"model_id": name, "name": name} for name in _MODELS])

    @route("GET", "/v1/user/subscription", stage="other", operation="subscription")
    def subscription(self, request: Request) -> Response:
        return answer({"tier": "creator", "character_count": 0, "character_limit": 100000})
