"""The server: a port for every host of every provider, one that scripts and reports, and a CDN."""

from __future__ import annotations

import asyncio
import inspect
import time
import traceback
from pathlib import Path
from typing import Any

from . import media
from .bill import Bill
from .check import Answered
from .desk import Desk
from .faults import AFTER, ANY_MEDIA, BEFORE, MEDIA, Fault
from .provider import CDN, PAGE, Provider, Route
from .providers import PROVIDERS
from .wire import Request, Response, json_response, listen

_KEY_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "xi-api-key", "api-key")
_KEPT_REQUESTS = 20_000


class FakeServer:
    """All providers in one event loop. `bill`: a file that keeps the bill over the server's end."""

    def __init__(self, *, bill: Path | None = None, pending_polls: int = 1, job_s: float = 0.0):
        self.desk = Desk(Bill(bill), pending_polls=pending_polls, job_s=job_s)
        self.providers = {kind.name: kind(self.desk) for kind in PROVIDERS}
        self.requests: list[dict[str, Any]] = []
        self._servers: list[asyncio.Server] = []
        self._routes = {name: provider.routes() for name, provider in self.providers.items()}
        self.port = 0

    async def start(self, port: int = 0) -> None:
        """Listen. With `port` the hosts have the ports that follow it; 0 takes any free ones."""
        hosts = [("", ""), ("", CDN)]
        hosts += [(name, host) for name, kind in self.providers.items() for host in kind.hosts]
        for number, (provider, host) in enumerate(hosts):
            answerer = self._answerer(provider, host)
            server, bound = await listen(answerer, port + number if port else 0)
            self._servers.append(server)
            self.desk.urls[provider, host] = f"http://127.0.0.1:{bound}"
        self.port = int(self.desk.urls["", ""].rpartition(":")[2])
        self.desk.shelf.base = self.desk.urls["", CDN]
        for name in self.providers:
            self.desk.urls[name, CDN] = self.desk.shelf.base

    async def stop(self) -> None:
        """Stop listening; open connections are dropped."""
        for server in self._servers:
            server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    def base_urls(self) -> dict[str, dict[str, Any]]:
        """Provider name -> `{base_url, hosts}`, as in the `providers:` section of fvbuild.yaml."""
        found: dict[str, dict[str, Any]] = {}
        for name, provider in self.providers.items():
            urls = {
                host: self.desk.urls[name, host] + path for host, path in provider.hosts.items()
            }
            found[name] = {"base_url": urls.pop(""), "hosts": urls}
        return found

    def _answerer(self, provider: str, host: str) -> Any:
        async def answer(request: Request) -> Response:
            if request.path.startswith("/_"):
                return self._control(request)
            if host == CDN:
                return await self._serve(self._owner(request), host, request)
            if provider:
                return await self._serve(self.providers[provider], host, request)
            return json_response({"error": "there is nothing here but /_bill and the like"}, 404)

        return answer

    def _owner(self, request: Request) -> Provider | None:
        return self.providers.get(request.path.split("/")[1])

    async def _serve(self, provider: Provider | None, host: str, request: Request) -> Response:
        route = self._find(provider, host, request)
        stage = route.stage if route else "download" if host == CDN else "unknown"
        operation = provider.operation(route, request) if provider and route else stage
        request.args["operation"] = operation
        name = provider.name if provider else ""
        line = {
            "provider": name,
            "operation": operation,
            "stage": stage,
            "method": request.method,
            "path": request.target,
            "at": time.time(),
        }
        self._note(line, request)
        content = request.body.decode("latin-1") + request.target
        fault = self.desk.script.take(BEFORE, name, operation, stage, content)
        response = None
        if fault is not None and provider is not None:
            response = await _instead(fault, provider, request)
        if response is None:
            response = await self._answer(provider, route, host, request)
            response = self._spoil(response, request, line, content, provider)
        line["status"] = 0 if response.hang_up else response.status
        line["seconds"] = time.monotonic() - request.started
        return response

    def _note(self, line: dict[str, Any], request: Request) -> None:
        line["headers"] = sorted(request.headers)
        line["bytes"] = len(request.body)
        if request.content_type == "application/json" and len(request.body) < 100_000:
            line["body"] = request.body.decode(errors="replace")
        if len(self.requests) < _KEPT_REQUESTS:
            self.requests.append(line)

    def _find(self, provider: Provider | None, host: str, request: Request) -> Route | None:
        for route in self._routes[provider.name] if provider else ():
            found = route.pattern.fullmatch(request.path)
            if found and route.host == host and route.method == request.method:
                request.args.update(found.groupdict())
                return route
        return None

    async def _answer(
        self, provider: Provider | None, route: Route | None, host: str, request: Request
    ) -> Response:
        if route is None and host == CDN:
            return await self._download(request)
        if provider is None or route is None:
            message = f"no route {request.method} {request.path}"
            missing = json_response({"error": message}, 404)
            return provider.error("not_found", message) if provider else missing
        if route.needs_key and not provider.authorised(request):
            return provider.error_to(request, "auth", "the key is missing, malformed or wrong")
        try:
            answered = getattr(provider, route.name)(request)
            response: Response = await answered if inspect.isawaitable(answered) else answered
        except Answered as early:
            response = early.response
        except Exception:
            # The fake's own fault: told on the wire and on the terminal, and nobody else suffers.
            traceback.print_exc()
            response = provider.error("server", traceback.format_exc())
        return response

    async def _download(self, request: Request) -> Response:
        shelf = self.desk.shelf
        if any(name in request.headers for name in _KEY_HEADERS):
            return _xml(400, "InvalidRequest", "Only one auth mechanism allowed")
        if request.target in shelf.expired:
            return _xml(403, "AccessDenied", "Request has expired")
        if request.path in shelf.uploads:
            media_type, content = shelf.uploads[request.path]
        elif (wanted := shelf.wanted.get(request.path)) is not None:
            media_type = wanted.media_type
            content = await asyncio.to_thread(media.made, wanted)
        else:
            return _xml(404, "NoSuchKey", "The specified key does not exist")
        return Response(200, content, {"content-type": media_type}, carries_media=True)

    def _spoil(
        self,
        response: Response,
        request: Request,
        line: dict[str, Any],
        content: str,
        provider: Provider | None,
    ) -> Response:
        """Lose or spoil an answer that was given, as scripted."""
        name, operation, stage = line["provider"], line["operation"], line["stage"]
        if response.status >= 300 or provider is None:
            return response
        fault = self.desk.script.take(AFTER, name, operation, stage, content)
        if fault is None and response.carries_media:
            kinds = MEDIA if stage == "download" else ANY_MEDIA
            fault = self.desk.script.take(kinds, name, operation, stage, content)
        if fault is None:
            return response
        if fault.kind == "expired_url":
            self.desk.shelf.expired.add(request.target)
            return _xml(403, "AccessDenied", "Request has expired")
        return _spoilt(response, fault, provider)

    def _add_fault(self, fault: Fault) -> None:
        """Raises ValueError for a fault that its provider cannot have."""
        provider = self.providers.get(fault.provider)
        if provider is None:
            raise ValueError(f"there is no provider {fault.provider}")
        shape = fault.options.get("shape", "")
        shapes = [*provider.refusals, *(name.rpartition(":")[2] for name in provider.refusals)]
        if fault.kind == "failure" and not provider.failures:
            raise ValueError(f"{fault.provider} has no jobs that could fail")
        if fault.kind == "refusal" and (not shapes or (shape and shape not in shapes)):
            raise ValueError(f"{fault.provider} refuses by {provider.refusals}")
        if fault.kind == "failure" and shape and shape not in provider.failures:
            raise ValueError(f"{fault.provider} fails by {provider.failures}")
        self.desk.script.add(fault)

    def _control(self, request: Request) -> Response:
        """Scripts and reports; see the README."""
        if request.method == "POST":
            values = request.json() or {}
            if request.path == "/_script":
                try:
                    self._add_fault(Fault(**values))
                except (TypeError, ValueError) as error:
                    return json_response({"error": str(error)}, 400)
            elif request.path == "/_settings":
                self.desk.pending_polls = values.get("pending_polls", self.desk.pending_polls)
                self.desk.job_s = values.get("job_s", self.desk.job_s)
            elif request.path == "/_reset":
                self.desk.script.faults.clear()
                self.desk.jobs.clear()
                self.desk.bill.forget()
                self.requests.clear()
            return json_response({})
        reports: dict[str, Any] = {
            "/_bill": lambda: self.desk.bill.lines,
            "/_requests": lambda: self.requests,
            "/_jobs": self.desk.jobs.listed,
            "/_script": lambda: [vars(fault) for fault in self.desk.script.faults if fault.times],
            "/_urls": self.base_urls,
            "/_secrets": lambda: {
                name: value for kind in PROVIDERS for name, value in kind.secrets.items()
            },
            "/_shapes": lambda: {
                kind.name: {"refusals": dict(kind.refusals), "failures": kind.failures}
                for kind in PROVIDERS
            },
        }
        report = reports.get(request.path)
        return json_response(
            report() if report else {"error": "no such report"}, 200 if report else 404
        )


async def _instead(fault: Fault, provider: Provider, request: Request) -> Response | None:
    options = fault.options
    message = str(options.get("message", "scripted"))
    if fault.kind == "slow":
        await asyncio.sleep(float(options.get("seconds", 1.0)))
        return None
    if fault.kind == "hang_up_before":
        return Response(hang_up=True)
    if fault.kind == "answer":
        body = options.get("body", "")
        headers = {
            str(name).lower(): str(value) for name, value in options.get("headers", {}).items()
        }
        if isinstance(body, str):
            return Response(int(options["status"]), body.encode(), headers)
        response = json_response(body, int(options["status"]))
        response.headers.update(headers)
        return response
    kind = {"server_error": "server"}.get(fault.kind, fault.kind)
    response = provider.error_to(request, kind, message)
    response.status = int(options.get("status", response.status))
    if "retry_after" in options:
        response.headers["retry-after"] = str(options["retry_after"])
    return response


def _spoilt(response: Response, fault: Fault, provider: Provider) -> Response:
    if fault.kind == "hang_up_after":
        return Response(hang_up=True)
    if fault.kind in ("html", "wrong_media"):
        return Response(200, PAGE, {"content-type": "text/html"})
    if fault.kind == "truncated":
        response.cut_at = len(response.body) // 2
    elif fault.kind == "malformed":
        response.body = response.body[: max(1, len(response.body) // 2)]
    elif fault.kind == "missing_id" and response.headers["content-type"] == "application/json":
        body = Request("", "", {}, response.body).json()
        *folders, leaf = provider.id_path.split(".")
        place = body
        for folder in folders:
            place = place[folder]
        place.pop(leaf, None)
        response.body = json_response(body).body
    return response


def _xml(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status, body.encode(), {"content-type": "application/xml"})
