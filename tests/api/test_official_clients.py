"""The fakes are faithful enough for the clients of their providers: those that answer at once."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from fake import FakeProviders
from PIL import Image
from taken import PICTURE, clip_of, picture_of, sound_of

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"caption": {"type": "string"}, "shots": {"type": "integer"}},
    "required": ["caption", "shots"],
    "additionalProperties": False,
}


def client_of(module: str) -> Any:
    """The official client, or a skipped test."""
    return pytest.importorskip(module, reason=f"{module}: dependency group clients")


@pytest.fixture
def openai(fake: FakeProviders) -> Any:
    module = client_of("openai")
    return module.OpenAI(
        base_url=fake.url("openai"), max_retries=0, _strict_response_validation=True
    )


@pytest.fixture
def anthropic(fake: FakeProviders) -> Any:
    module = client_of("anthropic")
    return module.Anthropic(
        base_url=fake.url("anthropic"), max_retries=0, _strict_response_validation=True
    )


@pytest.fixture
def google(fake: FakeProviders) -> Any:
    genai = client_of("google.genai")
    options = {"base_url": fake.url("google").removesuffix("/v1")}
    return genai.Client(api_key=fake.environment()["GEMINI_API_KEY"], http_options=options)


def test_openai_writes_by_schema(openai: Any) -> None:
    named = {"name": "caption", "schema": SCHEMA, "strict": True}
    image = {"url": "data:image/png;base64," + base64.b64encode(PICTURE).decode()}
    parts = [{"type": "text", "text": "A pier"}, {"type": "image_url", "image_url": image}]
    chat = openai.chat.completions.create(
        model="gpt-5.1",
        messages=[{"role": "user", "content": parts}],
        response_format={"type": "json_schema", "json_schema": named},
    )
    assert set(json.loads(chat.choices[0].message.content)) == {"caption", "shots"}
    response = openai.responses.create(
        model="gpt-5.1", input="A pier", text={"format": {"type": "json_schema", **named}}
    )
    assert set(json.loads(response.output_text)) == {"caption", "shots"}


@pytest.mark.parametrize(("shape", "finish"), [("refusal", "stop"), ("content_filter",) * 2])
def test_openai_refuses_to_write(openai: Any, fake: FakeProviders, shape: str, finish: str) -> None:
    fake.script("openai", "refusal", operation="chat", shape=shape)
    messages = [{"role": "user", "content": "A pier"}]
    (choice,) = openai.chat.completions.create(model="gpt-5.1", messages=messages).choices
    assert choice.finish_reason == finish
    assert not choice.message.content
    assert bool(choice.message.refusal) == (shape == "refusal")


def test_openai_draws_and_edits(openai: Any, fake: FakeProviders) -> None:
    drawn = openai.images.generate(model="gpt-image-2", prompt="A pier", size="1536x1024")
    assert picture_of(base64.b64decode(drawn.data[0].b64_json)) == (1536, 1024)
    images = [("a.png", io.BytesIO(PICTURE), "image/png")] * 2
    clear = io.BytesIO()
    Image.open(io.BytesIO(PICTURE)).convert("RGBA").save(clear, "PNG")
    mask = ("m.png", io.BytesIO(clear.getvalue()), "image/png")
    edited = openai.images.edit(
        model="gpt-image-2", image=images, mask=mask, prompt="A pier", size="1024x1024"
    )
    assert picture_of(base64.b64decode(edited.data[0].b64_json)) == (1024, 1024)
    assert edited.data[0].b64_json != drawn.data[0].b64_json
    assert [line["operation"] for line in fake.bill()] == ["images_generate", "images_edit"]


def test_openai_refuses_to_draw(openai: Any, fake: FakeProviders) -> None:
    module = client_of("openai")
    fake.script("openai", "refusal", operation="images_generate")
    with pytest.raises(module.BadRequestError) as refused:
        openai.images.generate(model="gpt-image-2", prompt="A pier")
    assert refused.value.code == "moderation_blocked"
    assert fake.bill() == []


def test_openai_makes_clips(openai: Any, fake: FakeProviders) -> None:
    reference = ("start.png", PICTURE, "image/png")
    video = openai.videos.create(
        model="sora-2", prompt="A pier", seconds="4", size="1280x720", input_reference=reference
    )
    video = openai.videos.retrieve(video.id)
    assert video.status == "queued"
    video = openai.videos.retrieve(video.id)
    assert (video.status, video.error) == ("completed", None)
    content = openai.videos.download_content(video.id).read()
    assert clip_of(content) == (1280, 720, 4.0)

    fake.script("openai", "refusal", operation="videos")
    video = openai.videos.create(prompt="A pier")
    openai.videos.retrieve(video.id)
    video = openai.videos.retrieve(video.id)
    assert (video.status, video.error.code) == ("failed", "moderation_blocked")


def test_openai_speaks(openai: Any) -> None:
    for form in ("mp3", "wav", "flac"):
        spoken = openai.audio.speech.create(
            model="gpt-4o-mini-tts", voice="coral", input="Good evening, all.", response_format=form
        )
        assert sound_of(spoken.read()) == pytest.approx(1.2, abs=0.1)


def test_openai_names_its_faults(openai: Any, fake: FakeProviders) -> None:
    module = client_of("openai")
    fake.script("openai", "quota")
    fake.script("openai", "rate_limit", retry_after=2)
    with pytest.raises(module.RateLimitError) as empty:
        openai.images.generate(prompt="A pier")
    assert empty.value.code == "insufficient_quota"
    with pytest.raises(module.RateLimitError) as busy:
        openai.images.generate(prompt="A pier")
    assert busy.value.code == "rate_limit_exceeded"
    assert busy.value.response.headers["retry-after"] == "2"
    with pytest.raises(module.AuthenticationError):
        openai.with_options(api_key="sk-other").models.list()


def test_anthropic_writes(anthropic: Any) -> None:
    source = {"type": "base64", "media_type": "image/png"}
    source["data"] = base64.b64encode(PICTURE).decode()
    content = [{"type": "text", "text": "A pier"}, {"type": "image", "source": source}]
    asked: dict[str, Any] = {
        "model": "claude-sonnet-5",
        "max_tokens": 500,
        "messages": [{"role": "user", "content": content}],
    }
    message = anthropic.messages.create(**asked, system="Be brief.")
    assert (message.stop_reason, message.content[0].type) == ("end_turn", "text")
    tool = {"name": "caption", "input_schema": SCHEMA}
    message = anthropic.messages.create(
        **asked, tools=[tool], tool_choice={"type": "tool", "name": "caption"}
    )
    assert set(message.content[0].input) == {"caption", "shots"}
    form = {"type": "json_schema", "schema": SCHEMA}
    message = anthropic.messages.create(**asked, output_config={"format": form})
    assert set(json.loads(message.content[0].text)) == {"caption", "shots"}


def test_anthropic_refuses_and_is_overloaded(anthropic: Any, fake: FakeProviders) -> None:
    module = client_of("anthropic")
    asked: dict[str, Any] = {
        "model": "claude-sonnet-5",
        "max_tokens": 500,
        "messages": [{"role": "user", "content": "A pier"}],
    }
    fake.script("anthropic", "refusal")
    refused = anthropic.messages.create(**asked)
    assert (refused.stop_reason, refused.stop_details.type) == ("refusal", "refusal")
    fake.script("anthropic", "server_error")
    with pytest.raises(module.APIStatusError) as busy:
        anthropic.messages.create(**asked)
    assert busy.value.body["error"]["type"] == "overloaded_error"


def test_google_writes_draws_and_speaks(google: Any) -> None:
    types = client_of("google.genai.types")
    config = {"response_mime_type": "application/json", "response_json_schema": SCHEMA}
    text = google.models.generate_content(
        model="gemini-3-flash", contents="A pier", config=config
    ).text
    assert set(json.loads(text)) == {"caption", "shots"}
    reference = types.Part.from_bytes(data=PICTURE, mime_type="image/png")
    shape = types.ImageConfig(aspect_ratio="16:9", image_size="1K")
    drawn = google.models.generate_content(
        model="gemini-3.1-flash-image",
        contents=["A pier", reference],
        config=types.GenerateContentConfig(response_modalities=["IMAGE"], image_config=shape),
    )
    (part,) = drawn.candidates[0].content.parts
    width, height = picture_of(part.inline_data.data)
    assert width / height == pytest.approx(16 / 9, rel=0.01)
    voice = types.PrebuiltVoiceConfig(voice_name="Kore")
    speech = types.SpeechConfig(voice_config=types.VoiceConfig(prebuilt_voice_config=voice))
    spoken = google.models.generate_content(
        model="gemini-3.8-flash-tts",
        contents="Good evening, all.",
        config=types.GenerateContentConfig(response_modalities=["AUDIO"], speech_config=speech),
    )
    (part,) = spoken.candidates[0].content.parts
    assert part.inline_data.mime_type.endswith("rate=24000")
    assert len(part.inline_data.data) / 48000 == pytest.approx(1.2, abs=0.1)


def test_google_refuses(google: Any, fake: FakeProviders) -> None:
    errors = client_of("google.genai.errors")

    def draw() -> Any:
        return google.models.generate_content(model="gemini-3.1-flash-image", contents="A pier")

    fake.script("google", "refusal", shape="IMAGE_SAFETY")
    assert draw().candidates[0].finish_reason == "IMAGE_SAFETY"
    fake.script("google", "refusal", shape="block_PROHIBITED_CONTENT")
    blocked = draw()
    assert blocked.prompt_feedback.block_reason == "PROHIBITED_CONTENT"
    assert not blocked.candidates
    fake.script("google", "rate_limit")
    with pytest.raises(errors.ClientError) as busy:
        draw()
    assert (busy.value.code, busy.value.status) == (429, "RESOURCE_EXHAUSTED")


def test_google_interacts(google: Any) -> None:
    form = {"type": "video", "aspect_ratio": "16:9", "resolution": "720p", "duration": "4s"}
    form["delivery"] = "inline"
    begun = google.interactions.create(
        model="gemini-omni-1.2-flash", input="A pier", background=True, response_format=form
    )
    assert begun.status in ("queued", "in_progress")
    for _ in range(2):
        ended = google.interactions.get(begun.id)
    assert ended.status == "completed"
    content = ended.steps[0].content[0].data
    assert clip_of(base64.b64decode(content)) == (1280, 720, 4.0)


def test_google_enterprise_makes_clips(fake: FakeProviders) -> None:
    genai = client_of("google.genai")
    options = {"base_url": fake.url("vertex").removesuffix("/v1beta1"), "api_version": "v1beta1"}
    key = fake.environment()["VERTEX_API_KEY"]
    client = genai.Client(enterprise=True, api_key=key, http_options=options)
    image = genai.types.Image(image_bytes=PICTURE, mime_type="image/png")
    asked = genai.types.GenerateVideosConfig(
        duration_seconds=4, aspect_ratio="16:9", last_frame=image, seed=3
    )
    operation = client.models.generate_videos(
        model="veo-3.1-generate-001", prompt="A pier", image=image, config=asked
    )
    for _ in range(2):
        operation = client.operations.get(operation)
    (video,) = operation.response.generated_videos
    assert clip_of(video.video.video_bytes) == (1280, 720, 4.0)


def test_elevenlabs_speaks_and_sounds(fake: FakeProviders) -> None:
    module = client_of("elevenlabs")
    client = module.ElevenLabs(
        base_url=fake.url("elevenlabs"), api_key=fake.environment()["ELEVENLABS_API_KEY"]
    )
    spoken = client.text_to_speech.convert(
        "21m00Tcm4TlvDq8ikWAM",
        text="Good evening, all.",
        model_id="eleven_v3",
        output_format="mp3_44100_128",
        voice_settings={"stability": 0.5, "speed": 1.0},
    )
    assert sound_of(b"".join(spoken)) == pytest.approx(1.2, abs=0.1)
    rain = client.text_to_sound_effects.convert(text="rain", duration_seconds=2.0)
    assert sound_of(b"".join(rain)) == pytest.approx(2.0, abs=0.1)
    timed = client.text_to_speech.convert_with_timestamps("21m00Tcm4TlvDq8ikWAM", text="Hi")
    assert timed.alignment.characters == ["H", "i"]

    errors = client_of("elevenlabs.core.api_error")
    fake.script("elevenlabs", "refusal", shape="content_against_policy")
    with pytest.raises(errors.ApiError) as refused:
        b"".join(client.text_to_speech.convert("21m00Tcm4TlvDq8ikWAM", text="Hi"))
    assert refused.value.body["detail"]["status"] == "content_against_policy"


def test_huggingface_draws(fake: FakeProviders, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = client_of("huggingface_hub")
    constants = client_of("huggingface_hub.constants")
    monkeypatch.setattr(constants, "ENDPOINT", fake.url("huggingface", "hub"))
    monkeypatch.setattr(
        constants, "INFERENCE_PROXY_TEMPLATE", fake.url("huggingface") + "/{provider}"
    )
    token = fake.environment()["HF_TOKEN"]
    client = hub.InferenceClient(provider="hf-inference", token=token)
    asked: dict[str, Any] = {"model": "black-forest-labs/FLUX.1-dev", "width": 640, "height": 384}
    assert client.text_to_image("A pier", **asked).size == (640, 384)
    fake.script("huggingface", "rate_limit")
    with pytest.raises(hub.errors.HfHubHTTPError) as busy:
        client.text_to_image("A pier", **asked)
    assert busy.value.response.status_code == 429
