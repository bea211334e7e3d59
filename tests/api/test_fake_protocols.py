"""What is stated of providers that have no client of their own, each as a plain request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fake import FakeProviders
from taken import PICTURE, clip_of, download, picture_of

BASE64 = base64.b64encode(PICTURE).decode()
DATA_URI = "data:image/png;base64," + BASE64


def client_of(fake: FakeProviders, provider: str, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=fake.url(provider), headers=headers, timeout=10)


def bearer(fake: FakeProviders, provider: str, variable: str) -> httpx.Client:
    return client_of(fake, provider, authorization="Bearer " + fake.environment()[variable])


def kling_token(access: str, secret: str, **claims: Any) -> str:
    now = int(time.time())
    parts: list[dict[str, Any]] = [{"alg": "HS256", "typ": "JWT"}]
    parts.append({"iss": access, "exp": now + 1800, "nbf": now - 5, **claims})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    signed = hmac.new(secret.encode(), b".".join(encoded), hashlib.sha256).digest()
    return b".".join([*encoded, base64.urlsafe_b64encode(signed).rstrip(b"=")]).decode()


@pytest.fixture
def kling(fake: FakeProviders) -> Iterator[httpx.Client]:
    keys = fake.environment()
    token = kling_token(keys["KLING_ACCESS_KEY"], keys["KLING_SECRET_KEY"])
    with client_of(fake, "kling", authorization=f"Bearer {token}") as client:
        yield client


ASKED: dict[str, Any] = {"model_name": "kling-v2-6", "prompt": "A pier", "duration": "5"}


def test_kling_makes_a_clip_that_its_client_named(kling: httpx.Client) -> None:
    asked = {**ASKED, "image": BASE64, "image_tail": BASE64, "external_task_id": "purchase-1"}
    begun = kling.post("/v1/videos/image2video", json=asked).json()
    assert (begun["code"], begun["data"]["task_status"]) == (0, "submitted")
    task = begun["data"]["task_id"]
    assert kling.get(f"/v1/videos/text2video/{task}").status_code == 404
    kling.get(f"/v1/videos/image2video/{task}")
    ended = kling.get("/v1/videos/image2video/purchase-1").json()["data"]
    assert (ended["task_id"], ended["task_status"]) == (task, "succeed")
    assert clip_of(download(ended["task_result"]["videos"][0]["url"])) == (1280, 720, 5.0)
    again = kling.post("/v1/videos/image2video", json=asked)
    assert (again.status_code, again.json()["code"]) == (400, 1201)


@pytest.mark.parametrize(
    "wrong",
    [{"duration": 5}, {"image": DATA_URI}, {"cfg_scale": 0.5}, {"aspect_ratio": "16:9"}, {}],
)
def test_kling_complains(kling: httpx.Client, wrong: dict[str, Any]) -> None:
    answer = kling.post(
        "/v1/videos/image2video", json={**ASKED, "image": BASE64 * bool(wrong), **wrong}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, 1201)


def test_kling_reads_the_token(fake: FakeProviders) -> None:
    keys = fake.environment()
    access, secret = keys["KLING_ACCESS_KEY"], keys["KLING_SECRET_KEY"]
    old = {"exp": int(time.time()) - 1}
    tokens = [kling_token(access, "other"), kling_token(access, secret, **old), access, "a.b.c"]
    for token in tokens:
        with client_of(fake, "kling", authorization=f"Bearer {token}") as client:
            answer = client.post("/v1/videos/text2video", json=ASKED)
        assert (answer.status_code, answer.json()["code"]) == (401, 1000)


def test_kling_refuses_in_two_ways(kling: httpx.Client, fake: FakeProviders) -> None:
    fake.script("kling", "refusal", shape="1301")
    refused = kling.post("/v1/videos/text2video", json=ASKED)
    assert (refused.status_code, refused.json()["code"]) == (400, 1301)
    fake.script("kling", "refusal", shape="risk")
    task = kling.post("/v1/videos/text2video", json=ASKED).json()["data"]["task_id"]
    for _ in range(2):
        ended = kling.get(f"/v1/videos/text2video/{task}").json()["data"]
    assert ended["task_status"] == "failed"
    assert "risk control" in ended["task_status_msg"]
    assert len(fake.bill()) == 1


def test_minimax_1_tells_everything_with_200(fake: FakeProviders) -> None:
    asked: dict[str, Any] = {"model": "MiniMax-Hailuo-2.3", "prompt": "A pier", "duration": 6}
    with bearer(fake, "minimax", "MINIMAX_API_KEY") as client:

        def submit(**more: Any) -> Any:
            answer = client.post("/v1/video_generation", json={**asked, **more})
            assert answer.status_code == 200
            return answer.json()

        def ended(task: str) -> Any:
            for _ in range(2):
                found = client.get("/v1/query/video_generation", params={"task_id": task}).json()
            return found

        made = ended(submit(first_frame_image=DATA_URI, resolution="512P")["task_id"])
        assert made["status"] == "Success"
        file = client.get("/v1/files/retrieve", params={"file_id": made["file_id"]}).json()["file"]
        assert clip_of(download(file["download_url"])) == (910, 512, 6.0)
        assert submit(duration="6")["base_resp"]["status_code"] == 2013
        for code in ("1026", "1027"):
            fake.script("minimax", "refusal", operation="v1", shape=code)
        assert submit()["base_resp"]["status_code"] == 1026
        refused = ended(submit()["task_id"])
        assert (refused["status"], refused["base_resp"]["status_code"]) == ("Fail", 1027)
        fake.script("minimax", "rate_limit")
        assert submit()["base_resp"]["status_code"] == 1002
    with client_of(fake, "minimax") as client:
        keyless = client.post("/v1/video_generation", json=asked)
    assert keyless.json()["base_resp"]["status_code"] == 1004


def test_minimax_2(fake: FakeProviders) -> None:
    frame = {"type": "image_url", "image_url": {"url": DATA_URI}, "role": "first_frame"}
    text = {"type": "text", "text": "A pier"}
    asked: dict[str, Any] = {"model": "MiniMax-H3", "content": [text, frame], "duration": 4}
    with bearer(fake, "minimax", "MINIMAX_API_KEY") as client:
        task = client.post("/v2/video_generation", json=asked).json()["task_id"]
        for _ in range(2):
            ended = client.get(f"/v2/query/video_generation/{task}").json()["task"]
        assert ended["status"] == "succeeded"
        assert clip_of(download(ended["content"]["url"]))[2] == 4.0
        from_text = client.post("/v2/video_generation", json={**asked, "content": [text]})
        assert (from_text.status_code, from_text.json()["type"]) == (400, "error")
        fake.script("minimax", "rate_limit", operation="v2")
        busy = client.post("/v2/video_generation", json=asked)
        assert (busy.status_code, busy.json()["error"]["type"]) == (429, "rate_limit_error")


def test_stability_wants_forms_and_refuses_in_two_ways(fake: FakeProviders) -> None:
    path = "/v2beta/stable-image/generate/sd3"
    form: dict[str, Any] = {
        "prompt": (None, "A pier"),
        "aspect_ratio": (None, "16:9"),
        "seed": (None, "7"),
    }
    with bearer(fake, "stability", "STABILITY_API_KEY") as client:
        raw = client.post(path, files=form, headers={"accept": "image/*"})
        assert raw.headers["finish-reason"] == "SUCCESS"
        assert raw.headers["seed"] == "7"
        width, height = picture_of(raw.content)
        assert width / height == pytest.approx(16 / 9, rel=0.01)
        told = client.post(path, files=form, headers={"accept": "application/json"}).json()
        assert (told["finish_reason"], told["seed"]) == ("SUCCESS", 7)
        assert base64.b64decode(told["image"]) == raw.content
        plain = client.post(path, data={"prompt": "A pier"}, headers={"accept": "image/*"})
        assert plain.status_code == 400
        image: dict[str, Any] = {
            "image": ("a.png", PICTURE, "image/png"),
            "mode": (None, "image-to-image"),
        }
        without_strength = {"prompt": (None, "A pier"), **image}
        answer = client.post(path, files=without_strength, headers={"accept": "image/*"})
        assert answer.json()["name"] == "bad_request"
        for shape in ("content_moderation", "CONTENT_FILTERED"):
            fake.script("stability", "refusal", shape=shape)
        refused = client.post(path, files=form, headers={"accept": "image/*"})
        assert (refused.status_code, refused.json()["name"]) == (403, "content_moderation")
        filtered = client.post(path, files=form, headers={"accept": "image/*"})
        assert (filtered.status_code, filtered.headers["finish-reason"]) == (
            200,
            "CONTENT_FILTERED",
        )
        picture_of(filtered.content)


def test_stability_upscales_in_its_own_time(fake: FakeProviders) -> None:
    form: dict[str, Any] = {"image": ("a.png", PICTURE, "image/png"), "prompt": (None, "A pier")}
    with bearer(fake, "stability", "STABILITY_API_KEY") as client:
        client.headers["accept"] = "image/*"
        job = client.post("/v2beta/stable-image/upscale/creative", files=form).json()["id"]
        waiting = client.get(f"/v2beta/results/{job}")
        assert (waiting.status_code, waiting.json()["status"]) == (202, "in-progress")
        assert picture_of(client.get(f"/v2beta/results/{job}").content) == (2048, 2048)


def graph(name: str, words: str = "A pier") -> dict[str, Any]:
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": name}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": words}},
        "3": {"class_type": "Latent", "inputs": {"width": 320, "height": 192, "length": 48}},
        "4": {"class_type": "SaveVideo", "inputs": {"video": ["3", 0], "fps": 24}},
    }


def test_comfyui_runs_a_graph(fake: FakeProviders) -> None:
    with client_of(fake, "comfyui") as client:
        part = {"image": ("start.png", PICTURE, "image/png")}
        up = client.post("/upload/image", files=part, data={"type": "input"}).json()
        assert up == {"name": "start.png", "subfolder": "", "type": "input"}
        other = {"image": ("start.png", PICTURE + b" ", "image/png")}
        renamed = client.post("/upload/image", files=other).json()["name"]
        assert renamed == "start (1).png"
        asked = {"prompt": graph("start.png"), "prompt_id": "mine"}
        for _ in range(2):
            assert client.post("/prompt", json=asked).json()["prompt_id"] == "mine"
        assert client.get("/api/history/mine").json() == {}
        entry = client.get("/history/mine").json()["mine"]
        assert entry["status"]["status_str"] == "success"
        (file,) = entry["outputs"]["4"]["images"]
        assert clip_of(client.get("/view", params=file).content) == (320, 192, 2.0)
        assert len(fake.bill()) == 1
        cached = client.post("/prompt", json={"prompt": graph("start.png")}).json()["prompt_id"]
        assert client.get(f"/history/{cached}").json()[cached]["outputs"]


def test_comfyui_complains_and_fails(fake: FakeProviders) -> None:
    with client_of(fake, "comfyui") as client:
        missing = client.post("/prompt", json={"prompt": graph("nothing.png")})
        assert missing.status_code == 400
        assert set(missing.json()["node_errors"]) == {"1"}
        foreign = client.post("/prompt", json={}, headers={"origin": "http://example.com"})
        assert foreign.status_code == 403
        fake.script("comfyui", "failure")
        drawn = {"1": {"class_type": "SaveImage", "inputs": {"text": "A pier"}}}
        job = client.post("/prompt", json={"prompt": drawn}).json()["prompt_id"]
        for _ in range(2):
            entry = client.get(f"/history/{job}").json()
        status = entry[job]["status"]
        assert (status["status_str"], status["messages"][-1][0]) == ("error", "execution_error")


def test_xai_waits_with_an_empty_answer(fake: FakeProviders) -> None:
    asked: dict[str, Any] = {"model": "grok-imagine-video-1.5", "prompt": "A pier", "duration": 3}
    with bearer(fake, "xai", "XAI_API_KEY") as client:
        job = client.post("/videos/generations", json={**asked, "image": {"url": DATA_URI}})
        place = "/videos/" + job.json()["request_id"]
        waiting = client.get(place)
        assert (waiting.status_code, waiting.content) == (202, b"")
        done = client.get(place).json()
        assert (done["status"], done["video"]["respect_moderation"]) == ("done", True)
        assert done["usage"]["cost_in_usd_ticks"] == 2_400_000_000
        assert clip_of(download(done["video"]["url"]))[2] == 3.0
        fake.script("xai", "refusal")
        job = client.post("/videos/generations", json=asked)
        for _ in range(2):
            done = client.get("/videos/" + job.json()["request_id"])
        assert done.json()["status"] == "done"
        assert done.json()["video"]["respect_moderation"] is False


def test_alibaba_wants_to_be_asynchronous(fake: FakeProviders) -> None:
    path = "/api/v1/services/aigc/video-generation/video-synthesis"
    media = [{"type": "first_frame", "url": DATA_URI}]
    asked = {"model": "wan2.7-i2v", "input": {"prompt": "A pier", "media": media}}
    body = {**asked, "parameters": {"resolution": "480P", "duration": 3}}
    with bearer(fake, "alibaba", "DASHSCOPE_API_KEY") as client:
        assert client.post(path, json=body).json()["code"] == "InvalidParameter"
        client.headers["x-dashscope-async"] = "enable"
        for scripted, status in ((None, "SUCCEEDED"), ("refusal", "FAILED")):
            if scripted:
                fake.script("alibaba", scripted)
            task = client.post(path, json=body).json()["output"]["task_id"]
            for _ in range(2):
                output = client.get(f"/api/v1/tasks/{task}").json()["output"]
            assert output["task_status"] == status
            if status == "SUCCEEDED":
                assert clip_of(download(output["video_url"]))[2] == 3.0
        assert output["code"] == "DataInspectionFailed"


def test_veo_of_the_gemini_api_downloads_with_the_key(fake: FakeProviders) -> None:
    key = fake.environment()["GEMINI_API_KEY"]
    image = {"bytesBase64Encoded": BASE64, "mimeType": "image/png"}
    instance = {"prompt": "A pier", "image": image, "lastFrame": image}
    body = {"instances": [instance], "parameters": {"durationSeconds": 4}}
    with client_of(fake, "google", **{"x-goog-api-key": key}) as client:
        path = "/models/veo-3.1-generate-preview:predictLongRunning"
        name = client.post(path, json=body).json()["name"]
        assert "done" not in client.get("/" + name).json()
        done = client.get("/" + name).json()
        sample = done["response"]["generateVideoResponse"]["generatedSamples"][0]
        uri = sample["video"]["uri"]
        assert clip_of(client.get(uri).content) == (1280, 720, 4.0)
        assert httpx.get(uri).status_code == 403
        fake.script("google", "refusal", operation="veo")
        name = client.post(path, json=body).json()["name"]
        client.get("/" + name)
        response = client.get("/" + name).json()["response"]["generateVideoResponse"]
        assert response["raiMediaFilteredCount"] == 1
        assert "generatedSamples" not in response
        body["parameters"] = {"durationSeconds": 4, "resolution": "1080p"}
        assert client.post(path, json=body).json()["error"]["status"] == "INVALID_ARGUMENT"
