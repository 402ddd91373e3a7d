"""What every request passes first: the names we answer to, who may send, the headers, one log line."""

from __future__ import annotations

import re
import secrets
from time import perf_counter
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Requests
from api.problems import Problem, response, told_by, wants_a_page

OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
log = structlog.get_logger("api")


class Guard:
    """Pure ASGI, so that a stream of events passes through it unbuffered."""

    def __init__(self, app: ASGIApp, *, any_host: bool, requests: Requests) -> None:
        self.app = app
        self.any_host = any_host
        self.requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        correlation = correlation_of(headers.get("traceparent"))
        scope["correlation"] = correlation
        began, status = perf_counter(), 0

        head = scope["method"] == "HEAD"
        if head:
            # every GET can be asked for its headers alone; the answer is made as if it were a GET, and not sent
            scope["method"] = "GET"
            scope["head"] = True

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if head and message["type"] == "http.response.body":
                message["body"] = b""
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = MutableHeaders(scope=message)
                for name, text in HEADERS.items():
                    answer.setdefault(name, text)
                answer.setdefault("Cache-Control", "no-cache")
                answer["X-Correlation-Id"] = correlation
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation=correlation):
            try:
                problem = self._turned_away(scope["method"], scope["scheme"], headers)
                if problem is not None:
                    await response(problem)(scope, receive, send_guarded)
                else:
                    await self.app(scope, receive, send_guarded)
            except Exception as error:
                # the last line of defence: logged, and told without a trace
                log.exception("a request failed", method=scope["method"], route=route_of(scope))
                if status:
                    raise
                request = Request(scope)
                told = told_by(error, request)
                if wants_a_page(scope["path"], headers.get("accept", "")):
                    await scope["app"].state.problem_page(told)(scope, receive, send_guarded)
                else:
                    await response(told)(scope, receive, send_guarded)
            finally:
                seconds, route = perf_counter() - began, route_of(scope)
                self.requests.count(scope["method"], route, status, seconds)
                # the route and not the address: an address can name a person
                log.info(
                    "request",
                    method=scope["method"],
                    route=route,
                    status=status,
                    ms=round(seconds * 1000, 1),
                )

    def _turned_away(self, method: str, scheme: str, headers: Headers) -> Problem | None:
        host = headers.get("host", "")
        if not self.any_host and name_in(host) not in OWN_NAMES:
            # a page of another site can point its own name at this machine; it cannot forge the Host header
            return Problem("wrong-host", "This service answers to localhost and 127.0.0.1 only.")
        if method in SAFE_METHODS:
            return None
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        foreign = site not in ("same-origin", "none") if site else origin not in (None, f"{scheme}://{host}")
        if foreign:
            return Problem("cross-origin", "A page of another site sent this; only this service's own may.")
        return None


def name_in(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def correlation_of(traceparent: str | None) -> str:
    """The trace that a caller is in, or a new one of our own."""
    found = _TRACEPARENT.fullmatch(traceparent.strip()) if traceparent else None
    if found and found[1] != "0" * 32:
        return found[1]
    return secrets.token_hex(16)


def route_of(scope: Scope) -> str:
    """The address as the API writes it, with its ids left open."""
    if str(scope["path"]).startswith("/static/"):
        return "/static"
    return str(getattr(scope.get("route"), "path", "") or "unknown")
