"""The fakes are faithful enough for the clients of their providers: those that wait for a job."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from fake import FakeProviders
from taken import PICTURE, clip_of, download, picture_of
from test_official_clients import client_of

DATA_URI = "data:image/png;base64," + base64.b64encode(PICTURE).decode()


@pytest.fixture
def runway(fake: FakeProviders) -> Any:
    module = client_of("runwayml")
    return module.RunwayML(
        base_url=fake.url("runway"), max_retries=0, _strict_response_validation=True
    )


def test_runway_makes_a_clip_from_an_upload(runway: Any, fake: FakeProviders) -> None:
    uploaded = runway.uploads.create_ephemeral(file=("start.png", PICTURE, "image/png"))
    images = [{"uri": uploaded.uri, "position": "first"}]
    task = runway.image_to_video.create(
        model="gen4_turbo", prompt_image=images, prompt_text="A pier", ratio="1280:720", duration=3
    )
    assert runway.tasks.retrieve(task.id).status == "PENDING"
    done = runway.tasks.retrieve(task.id)
    assert (done.status, done.cost.credits) == ("SUCCEEDED", 15)
    assert clip_of(download(done.output[0])) == (1280, 720, 3.0)
    assert [line["amount"] for line in fake.bill("runway")] == [0.15]


def test_runway_waits_in_every_state(runway: Any, fake: FakeProviders) -> None:
    fake.script("runway", "pending", polls=3)
    task = runway.text_to_image.create(
        model="gen4_image",
        prompt_text="A pier",
        ratio="1920:1080",
        reference_images=[{"uri": DATA_URI, "tag": "anna"}],
    )
    seen = [runway.tasks.retrieve(task.id) for _ in range(4)]
    assert [entry.status for entry in seen] == ["THROTTLED", "RUNNING", "RUNNING", "SUCCEEDED"]
    assert picture_of(download(seen[-1].output[0])) == (1920, 1080)


def test_runway_refuses_speaks_and_cancels(runway: Any, fake: FakeProviders) -> None:
    module = client_of("runwayml")
    voice = {"type": "runway-preset", "preset_id": "Leslie"}
    fake.script("runway", "refusal", shape="SAFETY.OUTPUT.VIDEO")
    task = runway.text_to_speech.create(
        model="eleven_multilingual_v2", prompt_text="Good evening", voice=voice
    )
    for _ in range(2):
        ended = runway.tasks.retrieve(task.id)
    assert (ended.status, ended.failure_code) == ("FAILED", "SAFETY.OUTPUT.VIDEO")
    assert [line["amount"] > 0 for line in fake.bill()] == [True]
    runway.tasks.delete(task.id)
    with pytest.raises(module.NotFoundError):
        runway.tasks.retrieve(task.id)


def test_runway_complains(runway: Any) -> None:
    module = client_of("runwayml")
    asked: dict[str, Any] = {"model": "gen4_turbo", "prompt_text": "A pier", "duration": 3}
    for wrong in (
        {"prompt_image": DATA_URI, "ratio": "16:9"},
        {"prompt_image": "http://example.com/a.png", "ratio": "1280:720"},
        {"prompt_image": "runway://unknown", "ratio": "1280:720"},
    ):
        with pytest.raises(module.BadRequestError):
            runway.image_to_video.create(**asked, **wrong)
    with pytest.raises(module.AuthenticationError):
        runway.with_options(api_key="key_other").tasks.retrieve("x")


def test_luma_dreams(fake: FakeProviders) -> None:
    module = client_of("lumaai")
    token = fake.environment()["LUMAAI_API_KEY"]
    client = module.LumaAI(
        auth_token=token,
        base_url=fake.url("luma"),
        max_retries=0,
        _strict_response_validation=True,
    )
    frames = {"frame0": {"type": "image", "url": "https://example.com/start.png"}}
    asked = {"model": "ray-2", "prompt": "A pier", "duration": "5s", "resolution": "540p"}
    begun = client.generations.video.create(**asked, aspect_ratio="16:9", keyframes=frames)
    assert begun.state == "queued"
    for _ in range(2):
        ended = client.generations.get(begun.id)
    assert ended.state == "completed"
    assert clip_of(download(ended.assets.video)) == (960, 540, 5.0)

    fake.script("luma", "refusal", shape="moderated")
    image = client.generations.image.create(model="photon-1", prompt="A pier")
    for _ in range(2):
        ended = client.generations.get(image.id)
    assert ended.state == "failed"
    assert "moderation" in ended.failure_reason
    assert sum(line["amount"] for line in fake.bill()[1:]) == 0
    frames["frame0"]["url"] = DATA_URI
    with pytest.raises(module.APIStatusError):
        client.generations.video.create(**asked, keyframes=frames)


def test_luma_agents_generate(fake: FakeProviders) -> None:
    module = client_of("luma_agents")
    token = fake.environment()["LUMA_AGENTS_API_KEY"]
    client = module.Luma(
        auth_token=token,
        base_url=fake.url("luma-agents"),
        max_retries=0,
        _strict_response_validation=True,
    )
    start = {"data": base64.b64encode(PICTURE).decode(), "media_type": "image/png"}
    begun = client.generations.create(
        prompt="A pier",
        model="ray-3.2",
        type="video",
        aspect_ratio="16:9",
        video={"start_frame": start, "duration": "5s", "resolution": "360p"},
    )
    for _ in range(2):
        ended = client.generations.get(begun.id)
    assert clip_of(download(ended.output[0].url)) == (640, 360, 5.0)
    fake.script("luma-agents", "refusal")
    begun = client.generations.create(prompt="A pier", model="uni-1", type="image")
    for _ in range(2):
        ended = client.generations.get(begun.id)
    assert (ended.state, ended.failure_code) == ("failed", "content_moderated")


@pytest.fixture
def replicate(fake: FakeProviders) -> Any:
    module = client_of("replicate")
    token = fake.environment()["REPLICATE_API_TOKEN"]
    return module.Client(api_token=token, base_url=fake.url("replicate"))


def test_replicate_predicts_from_an_upload(replicate: Any, fake: FakeProviders) -> None:
    start = io.BytesIO(PICTURE)
    start.name = "start.png"
    inputs = {"prompt": "A pier", "image": start, "duration": 5, "aspect_ratio": "16:9"}
    prediction = replicate.models.predictions.create("kwaivgi/kling-v2.5", input=inputs)
    assert prediction.status == "starting"
    for _ in range(2):
        prediction.reload()
    assert prediction.status == "succeeded"
    assert clip_of(download(prediction.output)) == (1280, 720, 5.0)
    waited = replicate.models.predictions.create(
        "black-forest-labs/flux-schnell", input={"prompt": "A pier"}, wait=5
    )
    assert waited.status == "succeeded"
    assert picture_of(download(waited.output[0])) == (1024, 1024)
    assert len(fake.bill()) == 2


def test_replicate_refuses_throttles_and_cancels(replicate: Any, fake: FakeProviders) -> None:
    errors = client_of("replicate.exceptions")

    def predict() -> Any:
        return replicate.models.predictions.create("owner/flux", input={"prompt": "A pier"})

    fake.script("replicate", "refusal", shape="E005")
    refused = predict()
    for _ in range(2):
        refused.reload()
    assert refused.status == "failed"
    assert refused.error.endswith("(E005)")
    fake.script("replicate", "rate_limit")
    with pytest.raises(errors.ReplicateError) as busy:
        predict()
    assert (busy.value.status, "resets in ~1s" in busy.value.detail) == (429, True)
    running = predict()
    running.cancel()
    assert running.status == "canceled"


@pytest.fixture
def fal(fake: FakeProviders, monkeypatch: pytest.MonkeyPatch) -> Any:
    module = client_of("fal_client.client")
    monkeypatch.setattr(module, "QUEUE_URL_FORMAT", fake.url("fal") + "/")
    monkeypatch.setattr(module, "RUN_URL_FORMAT", fake.url("fal", "run") + "/")
    monkeypatch.setattr(module, "REST_URL", fake.url("fal", "rest"))
    monkeypatch.setattr(module, "CDN_URL", fake.url("fal", "cdn"))
    return module.SyncClient(key=fake.environment()["FAL_KEY"])


def test_fal_queues(fal: Any) -> None:
    start = fal.upload(PICTURE, "image/png", "start.png")
    asked = {"prompt": "A pier", "image_url": start, "duration": "5", "resolution": "480p"}
    handle = fal.submit("fal-ai/bytedance/seedance-2/image-to-video", asked)
    assert type(handle.status()).__name__ == "Queued"
    assert type(handle.status(with_logs=True)).__name__ == "Completed"
    result = handle.get()
    assert clip_of(download(result["video"]["url"])) == (852, 480, 5.0)
    drawn = fal.run("fal-ai/flux/schnell", {"prompt": "A pier", "image_size": "landscape_16_9"})
    assert picture_of(download(drawn["images"][0]["url"])) == (1024, 576)


def test_fal_refuses_although_completed(fal: Any, fake: FakeProviders) -> None:
    module = client_of("fal_client.client")
    fake.script("fal", "refusal")
    handle = fal.submit("fal-ai/flux/schnell", {"prompt": "A pier"})
    for _ in range(2):
        status = handle.status()
    assert type(status).__name__ == "Completed"
    with pytest.raises(module.FalClientHTTPError) as refused:
        handle.get()
    assert refused.value.response.json()["detail"][0]["type"] == "content_policy_violation"
    assert refused.value.response.headers["x-fal-retryable"] == "false"


def test_ark_draws_and_makes_clips(fake: FakeProviders) -> None:
    module = client_of("volcenginesdkarkruntime")
    key = fake.environment()["ARK_API_KEY"]
    client = module.Ark(api_key=key, base_url=fake.url("byteplus"), max_retries=0)
    drawn = client.images.generate(
        model="seedream-4-5-251128", prompt="A pier", size="2048x1152", image=[DATA_URI]
    )
    assert picture_of(download(drawn.data[0].url)) == (2048, 1152)
    first = {"type": "image_url", "image_url": {"url": DATA_URI}, "role": "first_frame"}
    content = [{"type": "text", "text": "A pier"}, first]
    begun = client.content_generation.tasks.create(
        model="seedance-1-5-pro-251215", content=content, resolution="480p", ratio="1:1", duration=4
    )
    for _ in range(2):
        ended = client.content_generation.tasks.get(task_id=begun.id)
    assert ended.status == "succeeded"
    assert clip_of(download(ended.content.video_url)) == (480, 480, 4.0)

    fake.script("byteplus", "refusal", shape="InputTextSensitiveContentDetected")
    with pytest.raises(module._exceptions.ArkBadRequestError) as refused:
        client.images.generate(model="seedream-4-5-251128", prompt="A pier")
    assert refused.value.code == "InputTextSensitiveContentDetected"


def test_together_draws_and_makes_clips(fake: FakeProviders) -> None:
    module = client_of("together")
    key = fake.environment()["TOGETHER_API_KEY"]
    client = module.Together(api_key=key, base_url=fake.url("together"), max_retries=0)
    drawn = client.images.generate(
        model="black-forest-labs/FLUX.1-schnell",
        prompt="A pier",
        width=1024,
        height=576,
        response_format="base64",
    )
    assert picture_of(base64.b64decode(drawn.data[0].b64_json)) == (1024, 576)
    frames = {"frame_images": [{"input_image": "https://example.com/a.png", "frame": "first"}]}
    begun = client.videos.create(
        model="minimax/hailuo-02", prompt="A pier", seconds="6", media=frames
    )
    for _ in range(2):
        ended = client.videos.retrieve(begun.id)
    assert (ended.status, ended.outputs.cost) == ("completed", 0.3)
    assert clip_of(download(ended.outputs.video_url)) == (1280, 720, 6.0)
    fake.script("together", "refusal", operation="video")
    begun = client.videos.create(model="minimax/hailuo-02", prompt="A pier")
    for _ in range(2):
        ended = client.videos.retrieve(begun.id)
    assert (ended.status, ended.error.code) == ("failed", "content_moderation")
