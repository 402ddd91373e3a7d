"""The real service, and a real browser before it: one of each a run; a page for each test, whose faults are its own.

The service has the small example in it as it was on 1 October 2025, when most of its pairings were under way.
"""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Literal, NoReturn

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, ViewportSize
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.app import app
from eventstore.pool import open_pool
from pairway.logging import configure_logging
from pairway.running import keep_projecting, keep_sealing, running
from pairway.serving import Server, address_of, listening, needs_of
from pairway.settings import Settings
from pairway.sweeping import sweep
from pairway.wiring import Parts, put_together
from tests.browser.chromium import NoBrowser, opened
from tests.browser.pages import PROGRAMME, hostile_facts
from tests.examples.whole import log

NOW = datetime(2025, 10, 1, 10, tzinfo=UTC)
AXE = Path(__file__).parent / "axe" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=380, height=780)
MOST_SECONDS = 20
_numbers = count(1)


@dataclass
class Served:
    """The service as a browser finds it, and the parts behind it."""

    address: str
    parts: Parts

    def tell(self, *facts: dict[str, Any]) -> list[str]:
        """Sends facts as an upstream system would; what became of each."""
        outcomes = self.parts.recorder.take([json.dumps(fact).encode() for fact in facts])
        self.catch_up()
        return [outcome.disposition for outcome in outcomes]

    def catch_up(self) -> None:
        """Brings the read models to where the record is, as the service's own loop soon would."""
        self.parts.store.seal(wait=True)
        self.parts.projector.catch_up()

    def fact(self, kind: str, subject: str, time: str, **data: Any) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "source": "urn:test",
            "id": f"browser-{next(_numbers)}",
            "type": f"mentoring.{kind}",
            "subject": subject,
            "time": time,
            "data": data,
        }

    def a_person(self, role: str, name: str = "Ada Lund", *, approved: bool = True) -> str:
        """Somebody registered in September 2025, and approved the day after."""
        who = f"{role[0]}-{next(_numbers)}"
        registered = self.fact(
            "participant.registered",
            who,
            "2025-09-01T09:00:00+02:00",
            programme=PROGRAMME,
            role=role,
            person=f"e-{who}",
            name=name,
            email=f"{who}@example.org",
        )
        approval = self.fact("participant.approved", who, "2025-09-02T09:00:00+02:00", by="mpm")
        assert set(self.tell(registered, *([approval] if approved else []))) == {"accepted"}
        return who

    def a_pair(self, mentor: str = "Ada Lund", protege: str = "Bo Okafor") -> str:
        """A pairing of its own, in its second step since 15 September 2025."""
        pairing = f"pair-{next(_numbers)}"
        proposal = self.fact(
            "pairing.proposed",
            pairing,
            "2025-09-15T09:00:00+02:00",
            programme=PROGRAMME,
            mentor=self.a_person("mentor", mentor),
            protege=self.a_person("protege", protege),
            starts_on="2025-09-15",
        )
        assert self.tell(proposal) == ["accepted"]
        return pairing


@pytest.fixture(scope="session")
def served(postgres: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service on a port of its own, as `pairway up` runs it, over a database of its own."""
    configure_logging("info", "json", to=io.StringIO())
    name = f"pairway_browser_{os.getpid()}"
    url = make_conninfo(postgres, dbname=name)
    with ExitStack() as stack:
        conn = stack.enter_context(psycopg.connect(postgres, autocommit=True))
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        stack.callback(conn.execute, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        pool = stack.enter_context(open_pool(url, name=name))
        settings = Settings(data=tmp_path_factory.mktemp("browser"), database_url=url)
        parts = put_together(settings, url, None, bytes(range(32)), pool, lambda: NOW)
        opened = stack.enter_context(listening("127.0.0.1", 0))
        service = Served(address_of(opened), parts)
        parts.projector.prepare()
        parts.recorder.take([fact for fact in log("small") if datetime.fromisoformat(json.loads(fact)["time"]) <= NOW])
        parts.recorder.take(hostile_facts())
        sweep(parts, NOW, lambda _: None)
        service.catch_up()
        server = Server(app(needs_of(parts)))
        stop = threading.Event()
        loops = {
            "sealer": keep_sealing(parts.store.seal),
            "projector": keep_projecting(parts.projector, url),
            "api": lambda _stop: server.run(sockets=[opened]),
        }
        stack.enter_context(running(stop, loops))
        stack.callback(server.stop)
        while not server.started and not stop.wait(0.02):
            pass
        yield service


def without_browser(why: str, ci: str | None) -> NoReturn:
    """A machine of one's own may have none; where changes are judged there has to be one."""
    if ci == "true":
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window; where none is to be had the tests are skipped, and in CI that is a failure."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(opened())
        except NoBrowser as none:
            without_browser(str(none), os.getenv("CI"))
        yield found


@dataclass
class Faults:
    """What a browser complains of; `expected` are the answers that a test asks for on purpose."""

    found: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def told(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if any(f"status of {status} " in message.text for status in self.expected):
            return
        self.found.append(f"{message.type}: {message.text} at {message.location.get('url')}")

    def answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.found.append(f"{response.status} from {response.request.method} {response.url}")


@dataclass
class Window:
    """A page in the browser; its faults are looked at when the test ends."""

    page: Page
    address: str
    faults: Faults

    def go(self, path: str) -> Page:
        answered = self.page.goto(self.address + path)
        assert answered is not None
        return self.page

    def expect(self, *statuses: int) -> None:
        """These answers are what the test is about."""
        self.faults.expected.update(statuses)

    def tab_to(self, selector: str, most: int = 200) -> None:
        """Presses Tab until it has the focus, as somebody without a mouse does, and sees that one can see it."""
        wanted = self.page.locator(selector).first
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("it => it === document.activeElement"):
                assert wanted.evaluate(
                    "it => { const s = getComputedStyle(it);"
                    " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none' }"
                ), f"{selector} has the focus and does not show it"
                return
        pytest.fail(f"{selector} is not reached with the Tab key")


Kind = Literal["desktop", "phone", "without JavaScript", "examined"]
HOW: dict[Kind, dict[str, Any]] = {
    "desktop": {"viewport": DESKTOP},
    "phone": {"viewport": PHONE, "has_touch": True},
    "without JavaScript": {"viewport": DESKTOP, "java_script_enabled": False},
    "examined": {"viewport": DESKTOP},
}


@dataclass
class Windows:
    """Opens pages, each kind in a context that is made once: making one takes longer than most tests."""

    browser: Browser
    address: str
    made: dict[Kind, BrowserContext] = field(default_factory=dict)

    @contextmanager
    def open(self, kind: Kind) -> Iterator[Window]:
        faults = Faults()
        page = self._context(kind).new_page()
        page.on("console", faults.told)
        page.on("pageerror", lambda error: faults.found.append(f"script: {error}"))
        page.on("response", faults.answered)
        try:
            yield Window(page, self.address, faults)
        finally:
            page.close()
        assert faults.found == []

    def _context(self, kind: Kind) -> BrowserContext:
        if kind not in self.made:
            context = self.browser.new_context(reduced_motion="reduce", locale="en-GB", **HOW[kind])
            context.set_default_timeout(MOST_SECONDS * 1000)
            if kind == "examined":
                context.add_init_script(path=AXE)
            self.made[kind] = context
        return self.made[kind]


@pytest.fixture(scope="session")
def windows(browser: Browser, served: Served) -> Windows:
    return Windows(browser, served.address)


@pytest.fixture
def window(windows: Windows) -> Iterator[Window]:
    """A desktop's window."""
    with windows.open("desktop") as opened:
        yield opened


@pytest.fixture
def phone(windows: Windows) -> Iterator[Window]:
    """A small phone's screen, to be touched."""
    with windows.open("phone") as opened:
        yield opened


@pytest.fixture
def without_javascript(windows: Windows) -> Iterator[Window]:
    with windows.open("without JavaScript") as opened:
        yield opened


@pytest.fixture
def examined(windows: Windows) -> Iterator[Window]:
    """A window in which `faults_of` can be asked."""
    with windows.open("examined") as opened:
        yield opened


def faults_of(page: Page, *rules: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, or against these rules: each with the element that it is about."""
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": WCAG}
    said = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations'], preload: only.type === 'tag'})", only
    )
    return [
        f"{fault['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for fault in said["violations"]
        for node in fault["nodes"]
    ]
