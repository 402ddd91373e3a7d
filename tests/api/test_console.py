"""The console: the overview, the board with its filters and its file, a pairing on any day, an event and its proof."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import httpx
import pytest

from api.boards import Boards
from api.needs import Needs
from api.pages import overview
from api.pages.console import Console
from api.standing import Standing
from api.trail import Trail
from api.web.cells import as_csv, neutral
from projections.overview import Overviews
from projections.read import Reader
from tests.api.conftest import Service, serving, told_a_problem
from tests.api.test_pages import HOSTILE, page

SECRET = "she wants to leave the company"


def a_year(service: Service) -> None:
    """A pairing that meets, gives feedback and says what is nobody else's business; two more that only began."""
    service.a_pair()
    service.a_step_further()
    told = [
        service.fact(
            "pairing.meeting_held",
            "p1",
            "2025-01-13T09:00:00Z",
            held_on="2025-01-13",
            minutes=45,
            mode="video",
            notes=SECRET,
            agenda=SECRET,
        ),
        *(
            service.fact("pairing.contract_signed", "p1", "2025-01-14T09:00:00Z", by=role, signed_on="2025-01-14")
            for role in ("mentor", "protege")
        ),
        service.fact("pairing.meeting_held", "p1", "2025-02-10T09:00:00Z", held_on="2025-02-10", minutes=60),
        service.fact("pairing.meeting_held", "p1", "2025-03-10T09:00:00Z", held_on="2025-03-10", minutes=60),
        service.fact("pairing.meeting_missed", "p1", "2025-04-01T09:00:00Z", planned_on="2025-03-31", reason="ill"),
        service.fact(
            "pairing.feedback_given",
            "p1",
            "2025-04-07T09:00:00Z",
            quarter=1,
            by="mentor",
            satisfaction=1,
            progress=3,
            comment=SECRET,
        ),
    ]
    for number, name in ((2, "Zoë Ångström"), (3, "=SUM(A1)")):
        told += [
            {**service.a_participant(f"m{number}", "mentor", name)},
            {**service.a_participant(f"t{number}", "protege", f"Protégé {number}")},
            service.a_proposal(number, on="2025-05-06"),
        ]
    for told_of in told:
        if told_of["subject"] == "t2" and told_of["type"].endswith("registered"):
            told_of["data"]["department"] = "Finance & Law"
    answered = service.send_all(told)
    assert {each["disposition"] for each in answered} == {"accepted"}, answered
    service.needs.bring_forward(["p1", "p2", "p3"], service.clock.at)
    service.needs.store.seal(wait=True)
    service.projector.catch_up()


def rows_of(service: Service, tail: str) -> list[str]:
    return [link for link in page(service, f"/programmes/leaders/board{tail}").links() if link.startswith("/pairings/")]


def test_behind_every_figure_of_the_overview_is_a_board_with_as_many_pairings(service: Service) -> None:
    a_year(service)
    html = service.get("/programmes/leaders", Accept="text/html").text
    # a link with a label of its own shows another figure of those behind it, days or a mean
    counts = r'<a href="(/programmes/leaders/board\?[^"]+)"(?![^>]*aria-label)[^>]*>(?:<b>)?(\d+)<'
    found = re.findall(counts, html)
    assert len(found) > 20
    for href, number in found:
        board = page(service, href.replace("&amp;", "&"))
        assert len([link for link in board.links() if link.startswith("/pairings/")]) == int(number), href


def test_the_overview_says_what_needs_the_mpm(service: Service) -> None:
    a_year(service)
    text = " ".join(page(service, "/programmes/leaders").text.split())
    assert "What needs you today" in text
    assert "Low rating 1" in text
    assert "3 pairings are past a deadline" in text
    assert "Ivo Petrov" in text
    assert "4 people wait to be approved" in text


def test_the_overview_is_counted_before_anybody_looks(service: Service) -> None:
    a_year(service)
    needs, trail = service.needs, Trail(service.needs.store, service.needs.codec)
    standing = Standing(needs.pool, needs.store, needs.codec, needs.keyring, trail)
    boards = Boards(Reader(needs.pool, needs.codec, needs.keyring), Overviews(needs.pool))
    overview.warm(Console.of(needs, standing, trail, boards))
    with needs.pool.connection() as conn:
        # the board still stands where it stood: what is asked now was counted before
        conn.execute("DELETE FROM projection.board")
    assert boards.overviews.figures("leaders", service.clock.at.date())["pairings"]["all"] == 3


def test_a_service_starts_where_the_overviews_cannot_be_counted_yet(make_needs: Callable[..., Needs]) -> None:
    # its read models have no tables before they are followed for the first time
    with serving(make_needs()) as client:
        assert client.get("/healthz").status_code == 200


def test_an_overview_without_pairings_says_so(service: Service) -> None:
    service.send(service.a_programme())
    service.projector.catch_up()
    assert "No pairing yet" in page(service, "/programmes/leaders").text
    service.send(service.fact("programme.closed", "leaders", "2025-01-02T09:00:00Z", by="mpm"))
    service.projector.catch_up()
    text = page(service, "/programmes/leaders").text
    assert "takes no new pairings, and none was proposed" in text
    assert "is open" not in text


def test_an_overview_without_pairings_says_what_holds_them_up(service: Service) -> None:
    service.send(service.a_programme())
    waiting = [service.a_participant("m1", "mentor", "Ivo"), service.a_participant("t1", "protege", "Noor")]
    service.send_all(waiting[:1])
    service.projector.catch_up()
    shown = page(service, "/programmes/leaders")
    assert "1 person waits to be approved" in shown.text
    assert "did not go through" not in shown.text
    wrong = {"programme": "leaders", "mentor": "t1", "protege": "m1", "starts_on": "2025-02-01"}
    refused = service.fact("pairing.proposed", "p1", "2025-01-06T09:00:00Z", **wrong)
    service.send_all([waiting[1], refused])
    service.projector.catch_up()
    shown = page(service, "/programmes/leaders")
    assert "2 people wait to be approved" in shown.text
    assert "1 fact did not go through" in shown.text
    assert {"/programmes/leaders/acts", "/programmes/leaders/inbox"} <= set(shown.links())


def test_the_overview_is_up_to_date_as_soon_as_the_board_is(service: Service) -> None:
    service.a_pair()
    assert "1 pairing" in page(service, "/programmes/leaders").text
    a_year_later = service.fact(
        "pairing.closed", "p1", "2025-01-08T09:00:00Z", by="mpm", reason="mismatch", closed_on="2025-01-08"
    )
    service.send(a_year_later)
    service.projector.catch_up()
    text = " ".join(page(service, "/programmes/leaders").text.split())
    assert "1 closing to review" in text
    assert "1 in all" in text


@pytest.mark.parametrize(
    ("tail", "found"),
    [
        ("?q=petrov", ["p1"]),
        ("?q=ANGSTROM", ["p2"]),
        ("?q=Z%C3%B6e", ["p2"]),
        ("?q=P3", ["p3"]),
        ("?q=nobody", []),
        ("?q=%00", None),
        ("?mentor=m2", ["p2"]),
        ("?department=Finance+%26+Law", ["p2"]),
        ("?state=paused", []),
        ("?flag=low_rating", ["p1"]),
        ("?step=registration&sort=pairing", ["p2", "p3"]),
        ("?sort=mentor", ["p3", "p1", "p2"]),
        ("?sort=mentor&order=desc", ["p2", "p1", "p3"]),
        ("?sort=protege", ["p2", "p3", "p1"]),
        ("?group=mentor&sort=pairing", ["p3", "p1", "p2"]),
        ("?group=department&sort=pairing", ["p2", "p1", "p3"]),
        ("?behind=met:2025-02", ["p1"]),
        ("?behind=closed", []),
        ("?behind=nonsense", None),
        ("?behind=met:2025-99", None),
        ("?group=person", None),
        ("?behind=reached:registration&q=protege&sort=pairing", ["p2", "p3"]),
    ],
)
def test_the_board_shows_what_is_asked_for_to_people_and_programs_alike(
    service: Service, tail: str, found: list[str] | None
) -> None:
    a_year(service)
    answered = service.get(f"/api/v1/programmes/leaders/board{tail}")
    if found is None:
        page(service, f"/programmes/leaders/board{tail}", 422)
        told_a_problem(answered, 422)
        return
    assert rows_of(service, tail) == [f"/pairings/{pairing}" for pairing in found]
    if "group=" not in tail:  # a program groups by itself
        said = answered.json()
        assert ([row["id"] for row in said["pairings"]], said["total"]) == (found, len(found))


def test_what_narrows_the_board_can_be_taken_away_one_by_one(service: Service) -> None:
    a_year(service)
    board = page(service, "/programmes/leaders/board?q=petrov&flag=low_rating&behind=met:2025-02&sort=mentor")
    assert "Met in February 2025" in board.text
    without = [href for href in board.links() if "sort=mentor" in href and "order" not in href]
    assert {len(href.split("&")) for href in without} >= {3}
    assert any("q=" not in href and "flag=low_rating" in href and "behind=met" in href for href in without)


def test_a_group_says_how_many_it_has_in_all(service: Service) -> None:
    a_year(service)
    board = page(service, "/programmes/leaders/board?group=department&size=1&sort=pairing&page=2")
    text = " ".join(board.text.split())
    assert "No department 2 pairings" in text
    assert "Page 2 of 3" in text


def test_what_is_shown_can_be_kept_as_a_file_in_which_nothing_runs(service: Service) -> None:
    a_year(service)
    board = page(service, "/programmes/leaders/board?sort=mentor&step=registration&size=1")
    file = next(href for href in board.links() if "board.csv" in href)
    answered = service.get(file)
    assert answered.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answered.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answered.content.decode("utf-8-sig"))))
    assert [row["pairing"] for row in rows] == ["p3", "p2"]
    assert [row["mentor"] for row in rows] == ["'=SUM(A1)", "Zoë Ångström"]
    assert rows[1]["department"] == "Finance & Law"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_cell_that_could_be_a_formula_is_only_read(text: str) -> None:
    assert neutral(text) == f"'{text}"
    assert neutral(-1) == "-1"
    [row] = csv.reader(io.StringIO(as_csv(["a"], [[text]]).decode("utf-8-sig").split("\r\n", 1)[1], newline=""))
    assert row == [f"'{text}"]


def test_a_pairing_is_shown_as_it_was_known_on_any_day(service: Service) -> None:
    a_year(service)
    now = page(service, "/pairings/p1")
    assert "Low rating" in now.text
    assert "3 meetings held, 1 missed" in now.text
    then = page(service, "/pairings/p1?as_of=2025-02-10")
    assert "Low rating" not in then.text
    assert "2 meetings held, 0 missed" in then.text
    assert "This is what was known at the end of 10 Feb 2025" in then.text
    assert "/pairings/p1" in then.links()
    assert "nothing was known" in page(service, "/pairings/p1?as_of=2024-12-31", 404).text
    page(service, "/pairings/p1?as_of=yesterday", 422)
    page(service, "/pairings/p1?as_of=9999-12-31", 422)
    assert "Low rating" in page(service, "/pairings/p1?as_of=").text


def test_the_line_of_steps_says_where_a_pairing_closed_early(service: Service) -> None:
    a_year(service)
    closed = service.fact(
        "pairing.closed", "p1", "2025-05-02T09:00:00Z", closed_on="2025-05-01", by="mentor", reason="no_time"
    )
    assert service.send(closed).json()["disposition"] == "accepted"
    assert re.search(r"Meetings\s*closed 1 May 2025", page(service, "/pairings/p1").text)
    assert "closed 1 May 2025" not in page(service, "/pairings/p1?as_of=2025-04-30").text


def test_of_what_was_known_on_a_day_nothing_can_be_done_any_more(service: Service) -> None:
    a_year(service)

    def forms(path: str) -> int:
        return sum(a.get("method") == "post" for tag, a in page(service, path).found if tag == "form")

    assert forms("/pairings/p1") > 0
    assert forms("/pairings/p1?as_of=2025-02-10") == 0


def test_each_line_of_the_trail_leads_to_its_fact_and_its_proof(service: Service) -> None:
    a_year(service)
    links = page(service, "/pairings/p1").links()
    facts = {link for link in links if re.fullmatch(r"/inbox/\d+", link)}
    events = {link for link in links if re.fullmatch(r"/events/\d+", link)}
    assert len(facts) >= 5
    assert len(events) >= 15
    for link in (*sorted(facts)[:3], *sorted(events)[:3]):
        assert page(service, link).text


def test_an_event_tells_who_when_why_and_proves_that_it_is_there(service: Service) -> None:
    a_year(service)
    held = next(
        event
        for event in service.get("/api/v1/pairings/p1/events").json()["events"]
        if event["type"] == "MeetingHeld" and event["data"].get("notes")
    )
    found = page(service, f"/events/{held['position']}")
    assert "Met on 13 Jan 2025 for 45 minutes" in found.text
    assert held["cause"]["id"] in found.text
    assert "exactly as it was written" in found.text
    proof = service.get(f"/api/v1/audit/proofs/{held['position']}").json()
    assert proof["key"] in found.text
    page(service, "/events/999999", 404)
    page(service, "/events/0", 404)


def test_what_the_pair_keeps_to_itself_is_on_no_page(service: Service) -> None:
    a_year(service)
    seen, ahead = set(), {"/programmes", "/programmes/leaders", "/pairings/p1"}
    while ahead:
        path = ahead.pop()
        seen.add(path)
        answered = service.get(path, Accept="text/html")
        assert SECRET not in answered.text, path
        if answered.headers["content-type"].startswith("text/html") and path.startswith(("/pairings", "/events")):
            links = page(service, path).links()
            ahead |= {link for link in links if link.startswith(("/events", "/pairings", "/inbox", "/api"))} - seen
    assert len(seen) > 20


def test_an_event_of_which_everything_is_hostile_stays_text(service: Service) -> None:
    service.send(service.a_programme(name=HOSTILE))
    service.send(service.a_participant("m1", "mentor", HOSTILE))
    service.projector.catch_up()
    assert HOSTILE in page(service, "/events/1").text
    assert "(withheld)" in page(service, "/events/2").text


def test_an_open_page_is_told_when_the_read_models_have_moved(service: Service) -> None:
    service.a_pair()
    reached = service.needs.reached()
    with service.client.stream("GET", "/live?after=0") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert _next(lines) == reached
        service.a_step_further()
        assert _next(lines) > reached
    with service.client.stream("GET", "/live", headers={"Last-Event-ID": "1"}) as stream:
        assert _next(stream.iter_lines()) == service.needs.reached()


def _next(lines: object) -> int:
    assert hasattr(lines, "__next__")
    while not (line := next(lines)).startswith("data: "):
        pass
    return int(line.removeprefix("data: "))


def test_the_pages_that_move_say_where_they_stand(service: Service) -> None:
    service.a_pair()
    for path in ("/programmes/leaders", "/programmes/leaders/board", "/pairings/p1"):
        [main] = [a for tag, a in page(service, path).found if tag == "main"]
        assert int(str(main["data-live"])) > 0
    script = service.get("/static/console.js")
    assert isinstance(script, httpx.Response)
    assert script.headers["content-type"].startswith("text/javascript")
