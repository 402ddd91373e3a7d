"""The pages: what a person sees, with nothing in them that was meant for a machine."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from api.report.page import as_document
from tests.api.conftest import Service

HOSTILE = '<script>alert(1)</script> "quoted" & <b>bold</b> \u202eright to left'
VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self) -> list[str]:
        return [str(attributes["href"]) for tag, attributes in self.found if tag == "a" and attributes.get("href")]


def page(service: Service, path: str, status: int = 200) -> Page:
    answered = service.get(path, Accept="text/html")
    assert answered.status_code == status, answered.text
    assert answered.headers["content-type"] == "text/html; charset=utf-8"
    found = Page(answered.text)
    for tag, attributes in found.found:
        # the policy allows no script and no style inside a page
        assert tag not in {"style", "iframe", "object"}
        assert tag != "script" or str(attributes["src"]).startswith("/static/")
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
    return found


PAGES = (
    "/programmes",
    "/programmes/leaders",
    "/programmes/leaders/board",
    "/programmes/leaders/report",
    "/pairings/p1",
)


def test_without_a_programme_the_first_page_says_what_to_do(service: Service) -> None:
    assert service.get("/").headers["location"] == "/programmes"
    assert "mentoring.programme.opened" in page(service, "/programmes").text


def test_with_one_programme_the_first_page_is_its_overview(service: Service) -> None:
    service.a_pair()
    assert service.get("/").headers["location"] == "/programmes/leaders"


def test_every_link_of_every_page_leads_somewhere(service: Service) -> None:
    service.a_pair()
    links = {link for path in PAGES for link in page(service, path).links() if link.startswith("/")}
    assert len(links) > 8
    for link in sorted(links):
        assert service.get(link, Accept="text/html").status_code in (200, 303), link


def test_the_pages_show_who_they_are_and_where_they_stand(service: Service) -> None:
    service.a_pair()
    for path in ("/programmes/leaders/board", "/pairings/p1"):
        text = page(service, path).text
        assert "Ivo Petrov" in text
        assert "Sara Ito" in text
        assert "On track" in text
    assert "Proposed: m1 as mentor of t1" in page(service, "/pairings/p1").text


def test_what_people_wrote_stays_text(service: Service) -> None:
    service.send(service.a_programme(name=HOSTILE))
    service.send_all(
        [
            service.a_participant("m1", "mentor", HOSTILE),
            service.a_participant("t1", "protege", "x" * 10_000),
            service.a_proposal(),
            service.fact("pairing.paused", "p1", "2025-01-07T09:00:00Z", paused_on="2025-01-07", reason=HOSTILE),
        ]
    )
    service.projector.catch_up()
    for path in PAGES:
        assert HOSTILE in page(service, path).text, path


def test_the_form_of_the_board_may_leave_fields_empty(service: Service) -> None:
    service.a_pair()
    path = "/programmes/leaders/board?health={}&step=&flag=&department=&sort=next_due"
    sent = service.get(path.format("on_track"))
    assert sent.status_code == 303
    # what is kept as a link says only what was asked
    assert sent.headers["location"] == "/programmes/leaders/board?health=on_track&sort=next_due"
    assert "Ivo Petrov" in page(service, sent.headers["location"]).text
    empty = page(service, service.get(path.format("at_risk")).headers["location"])
    assert "No pairing matches." in empty.text
    assert "/programmes/leaders/board" in empty.links()


def test_the_board_is_shown_page_by_page(service: Service) -> None:
    service.a_pair()
    board = page(service, "/programmes/leaders/board?size=1&page=2&health=on_track")
    assert "Page 2 of 1" not in board.text
    people = [
        each
        for number in range(2, 5)
        for each in (
            service.a_participant(f"m{number}", "mentor", f"Mentor {number}"),
            service.a_participant(f"t{number}", "protege", f"Protégé {number}"),
            service.a_proposal(number),
        )
    ]
    service.send_all(people)
    service.projector.catch_up()
    seen: list[str] = []
    link: str | None = "/programmes/leaders/board?size=2&sort=pairing"
    while link:
        board = page(service, link)
        seen += [each for each in board.links() if each.startswith("/pairings/")]
        link = next((each for each in board.links() if f"page={len(seen) // 2 + 1}" in each), None)
    assert seen == [f"/pairings/p{number}" for number in range(1, 5)]


def test_the_report_of_a_day_is_the_one_of_its_end(service: Service) -> None:
    service.a_pair()
    assert "6 Jan 2025, 23:59" in page(service, "/programmes/leaders/report?on=2025-01-06&audience=mpm").text
    page(service, "/programmes/leaders/report?on=9999-12-31", 422)
    page(service, "/programmes/leaders/report?on=tomorrow", 422)


def test_the_report_for_management_says_that_figures_are_left_out(service: Service) -> None:
    service.a_pair()
    text = page(service, "/programmes/leaders/report?audience=management").text
    assert "withheld from management" in text
    assert "What they learned" not in text
    assert "What they learned" in page(service, "/programmes/leaders/report").text


def test_the_report_can_be_kept_as_a_file(service: Service) -> None:
    service.a_pair()
    asked = "on=2025-02-01&audience=management"
    files = [link for link in page(service, f"/programmes/leaders/report?{asked}").links() if "format=" in link]
    endings = re.findall(r"format=(\w+)", " ".join(files))
    assert endings == ["pdf", "xlsx", "csv", "json", "html"]
    for link, ending in zip(files, endings, strict=True):
        kept = service.get(link).headers["content-disposition"]
        assert kept == f'attachment; filename="report-leaders-2025-02-01-management.{ending}"'
    assert service.get("/programmes/leaders/report?format=exe").status_code == 422


def test_two_days_are_set_beside_each_other(service: Service) -> None:
    service.a_pair()
    found = page(service, "/programmes/leaders/report/compare?on=2025-01-04")
    assert "ProposedNumber01+1" in re.sub(r"\s", "", found.text)
    assert "4 Jan 2025, 23:59" in found.text
    assert "withheld" in page(service, "/programmes/leaders/report/compare?audience=management").text


def test_two_programmes_are_set_beside_each_other(service: Service) -> None:
    service.a_pair()
    service.send({**service.a_programme(name=HOSTILE), "subject": "others"})
    service.projector.catch_up()
    text = page(service, "/programmes/leaders/report/compare?with=others").text
    assert HOSTILE in text
    assert "ProposedNumber10−1" in re.sub(r"\s", "", text)
    page(service, "/programmes/leaders/report/compare?with=nothing", 404)
    page(service, "/programmes/leaders/report/compare?with=%00", 422)


def test_the_report_as_a_document_needs_nothing_else(service: Service) -> None:
    service.a_pair()
    report: dict[str, Any] = service.get("/api/v1/programmes/leaders/report").json()
    document = as_document({**report, "learned": {"worked": ["</style><script>x"], "did_not": [], "why": []}})
    found = Page(document)
    tags = [tag for tag, _ in found.found]
    assert "style" in tags
    assert "script" not in tags
    assert "link" not in tags
    assert [link for link in found.links() if not link.startswith("#")] == []
    assert "Grow our own leaders" in found.text


def test_the_style_sheet_is_kept_by_browsers_until_it_changes(service: Service) -> None:
    sheets = [a["href"] for tag, a in page(service, "/programmes").found if tag == "link" and a["rel"] == "stylesheet"]
    answered = service.get(str(sheets[0]))
    assert answered.headers["content-type"].startswith("text/css")
    assert service.get(str(sheets[0]), **{"If-None-Match": answered.headers["etag"]}).status_code == 304
