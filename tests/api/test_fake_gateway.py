"""The gateway's own protocol in both versions, each stated fact as a plain request."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from fake import FakeProviders
from taken import clip_of, download, picture_of, sound_of
from test_fake_protocols import BASE64, DATA_URI, bearer


@pytest.mark.parametrize("version", ["3", "4"])
class TestGateway:
    def client(self, fake: FakeProviders, kind: str, version: str, model: str) -> httpx.Client:
        prefix = "ai-language" if kind == "language" else "ai"
        client = bearer(fake, "vercel", "AI_GATEWAY_API_KEY")
        client.headers["ai-gateway-protocol-version"] = "0.0.1"
        client.headers["ai-gateway-auth-method"] = "api-key"
        client.headers[f"{prefix}-model-id"] = model
        client.headers[f"ai-{kind}-model-specification-version"] = version
        client.base_url = f"{fake.url('vercel')}/v{version}/ai"
        return client

    def test_draws(self, fake: FakeProviders, version: str) -> None:
        file = {"type": "file", "mediaType": "image/png", "data": BASE64}
        asked = {"prompt": "A pier", "n": 1, "size": "1280x720", "files": [file]}
        with self.client(fake, "image", version, "bytedance/seedream-4.5") as client:
            drawn = client.post("/image-model", json=asked).json()
            assert picture_of(base64.b64decode(drawn["images"][0])) == (1280, 720)
            assert float(drawn["providerMetadata"]["gateway"]["cost"]) == 0.04
            fake.script("vercel", "refusal", operation="image")
            refused = client.post("/image-model", json=asked)
            assert refused.json()["error"]["type"] == "invalid_request_error"
            del client.headers["ai-model-id"]
            assert client.post("/image-model", json=asked).status_code == 400

    def test_streams_one_event(self, fake: FakeProviders, version: str) -> None:
        asked = {"prompt": "A pier", "n": 1, "resolution": "640x360", "duration": 4}
        headers = {"accept": "text/event-stream"}
        fake.script("vercel", "pending", seconds=0.5)
        fake.script("vercel", "refusal", operation="video", skip=1)
        with self.client(fake, "video", version, "klingai/kling-v3.0-i2v") as client:
            lines = client.post("/video-model", json=asked, headers=headers).text.splitlines()
            assert lines.count(": heartbeat") == 3
            first = json.loads(next(line for line in lines if line.startswith("data:"))[5:])
            assert clip_of(download(first["videos"][0]["url"])) == (640, 360, 4.0)
            text = client.post("/video-model", json=asked, headers=headers).text
            event = json.loads(text.split("data: ")[1])
            assert (event["type"], event["statusCode"]) == ("error", 400)

    def test_starts_and_tells(self, fake: FakeProviders, version: str) -> None:
        image = {"type": "file", "mediaType": "image/png", "data": BASE64}
        frames = [{"frameType": "first_frame", "image": image}]
        asked = {"prompt": "A pier", "n": 1, "duration": 5, "frameImages": frames}
        with self.client(fake, "video", version, "bytedance/seedance-2.5") as client:
            begun = client.post("/video-model/start", json=asked)
            if version == "3":
                assert begun.status_code == 404
                return
            body = {"operation": begun.json()["operation"]}
            assert client.post("/video-model/status", json=body).json() == {"status": "pending"}
            ended = client.post("/video-model/status", json=body).json()
            assert ended["status"] == "completed"
            assert clip_of(download(ended["videos"][0]["url"]))[2] == 5.0

    def test_writes_and_speaks(self, fake: FakeProviders, version: str) -> None:
        schema = {"type": "object", "properties": {"caption": {"type": "string"}}}
        data: Any = DATA_URI if version == "3" else {"type": "data", "data": BASE64}
        file = {"type": "file", "mediaType": "image/png", "data": data}
        message = {"role": "user", "content": [{"type": "text", "text": "A pier"}, file]}
        asked = {"prompt": [message], "responseFormat": {"type": "json", "schema": schema}}
        with self.client(fake, "language", version, "openai/gpt-5.1") as client:
            client.headers["ai-language-model-streaming"] = "false"
            written = client.post("/language-model", json=asked).json()
            assert set(json.loads(written["content"][0]["text"])) == {"caption"}
            assert written["finishReason"]["unified"] == "stop"
        with self.client(fake, "speech", version, "elevenlabs/eleven-v3") as client:
            spoken = client.post("/speech-model", json={"text": "Good evening, all."}).json()
            assert sound_of(base64.b64decode(spoken["audio"])) == pytest.approx(1.2, abs=0.1)
