"""What can be read over HTTP: programmes, boards, reports, pairings, participants; each with its yes and its no."""

from __future__ import annotations

import csv
import io
from threading import Timer

from api.asks import AskBoard
from tests.api.conftest import Service, told_a_problem
from tests.eventstore.writing import destroy_keys

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_the_programmes_are_listed_with_what_is_in_them(service: Service) -> None:
    assert service.get("/api/v1/programmes").json() == {"programmes": []}
    service.a_pair()
    (found,) = service.get("/api/v1/programmes").json()["programmes"]
    assert (found["id"], found["pairings"], found["participants"]) == ("leaders", 1, 2)


def test_one_programme_shows_its_policy(service: Service) -> None:
    service.a_pair()
    found = service.get("/api/v1/programmes/leaders").json()
    assert found["policy"]["meeting_gap_days"] == 31
    assert found["competencies"] == [{"id": "delegation", "name": "Delegation"}]


def test_the_report_counts_the_pair(service: Service) -> None:
    service.a_pair()
    found = service.get("/api/v1/programmes/leaders/report").json()
    assert found["pairings"]["proposed"] == 1
    assert found["as_of"] == "2025-06-01T14:00:00+02:00"
    assert "suppressed" not in found


def test_the_report_of_a_day_before_the_proposal_knows_no_pairing(service: Service) -> None:
    service.a_pair()
    found = service.get("/api/v1/programmes/leaders/report?as_of=2025-01-05T12:00:00Z").json()
    assert found["pairings"]["proposed"] == 0
    assert found["as_of"] == "2025-01-05T12:00:00+00:00"
    told_a_problem(service.get("/api/v1/programmes/leaders/report?as_of=2024-01-01T00:00:00Z"), 404)


def test_management_is_told_less(service: Service) -> None:
    service.a_pair()
    found = service.get("/api/v1/programmes/leaders/report?audience=management").json()
    assert found["pairings"]["proposed"] is None
    assert "pairings.proposed" in found["suppressed"]
    assert "learned" not in found


def test_the_report_comes_in_the_format_that_is_asked_for(service: Service) -> None:
    service.a_pair()
    for accept, media in [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("text/csv", "text/csv"),
        ("application/pdf", "application/pdf"),
        (XLSX, XLSX),
        ("application/json;q=0.1, text/*;q=0.9, text/html;q=0", "text/csv"),
    ]:
        answered = service.get("/api/v1/programmes/leaders/report", Accept=accept)
        assert answered.headers["content-type"].split(";")[0] == media
        if media == "text/csv":
            lines = csv.DictReader(io.StringIO(answered.content.decode("utf-8-sig")))
            assert {line["figure"]: line["value"] for line in lines}["pairings.proposed"] == "1"
        elif media in ("application/pdf", XLSX):
            assert answered.content.startswith((b"%PDF-", b"PK"))


def test_a_format_that_is_not_to_be_had_is_told_what_is(service: Service) -> None:
    service.a_pair()
    said = told_a_problem(service.get("/api/v1/programmes/leaders/report", Accept="application/msword"), 406)
    assert said["available"] == ["application/json", "text/html", "application/pdf", XLSX, "text/csv"]


def test_the_board_shows_the_local_mpm_who_they_are(service: Service) -> None:
    service.a_pair()
    found = service.get("/api/v1/programmes/leaders/board").json()
    (row,) = found["pairings"]
    assert (row["id"], row["mentor_name"], row["protege_name"]) == ("p1", "Ivo Petrov", "Sara Ito")
    assert (row["step"], row["step_number"], row["health"]) == ("assessment", 2, "on_track")
    assert (found["total"], found["page"], found["pages"]) == (1, 1, 1)


def test_the_board_leaves_out_what_is_not_asked_for(service: Service) -> None:
    service.a_pair()
    for wrong in ["step=workshop", "health=at_risk", "flag=silent", "state=paused", "department=IT"]:
        assert service.get(f"/api/v1/programmes/leaders/board?{wrong}").json()["total"] == 0


def test_every_sorting_of_the_board_is_one_that_it_knows(service: Service) -> None:
    service.a_pair()
    sorts = AskBoard.model_json_schema()["properties"]["sort"]["enum"]
    for sort in sorts:
        for order in ("asc", "desc"):
            found = service.get(f"/api/v1/programmes/leaders/board?sort={sort}&order={order}")
            assert found.json()["total"] == 1, sort


def test_a_page_beyond_the_last_is_empty(service: Service) -> None:
    service.a_pair()
    assert service.get("/api/v1/programmes/leaders/board?page=7").json()["pairings"] == []


def test_a_pairing_tells_where_it_stands(service: Service) -> None:
    service.a_pair()
    found = service.get("/api/v1/pairings/p1").json()
    assert (found["state"], found["step"], found["health"]) == ("active", "assessment", "on_track")
    assert found["deadlines"] == [{"kind": "assessment", "due_on": "2025-01-20", "missed": False}]
    assert found["steps"] == [
        {"step": "registration", "completed_on": "2025-01-06", "outcome": "done", "on_time": True}
    ]


def test_what_waits_for_a_pairing_is_told_with_it(service: Service) -> None:
    service.a_pair()
    service.send(service.fact("pairing.meeting_held", "p1", "2025-01-07T09:00:00Z", held_on="2025-01-07", minutes=30))
    found = service.get("/api/v1/pairings/p1").json()
    assert [one["type"] for one in found["waiting"]] == ["mentoring.pairing.meeting_held"]
    assert [flag["signal"] for flag in found["flags"]] == ["blocked"]


def test_the_trail_of_a_pairing_is_in_order_and_in_the_programmes_time(service: Service) -> None:
    service.a_pair()
    found = service.get("/api/v1/pairings/p1/events").json()
    assert [event["version"] for event in found["events"]] == [1, 2, 3, 4]
    first = found["events"][0]
    assert (first["type"], first["at"]) == ("PairingProposed", "2025-01-06T09:00:00+01:00")
    assert first["cause"] == {"source": "urn:test", "id": "f6"}


def test_the_trail_can_be_read_as_of_an_instant(service: Service) -> None:
    service.a_pair()
    service.a_step_further()
    whole = service.get("/api/v1/pairings/p1/events").json()["events"]
    early = service.get("/api/v1/pairings/p1/events?as_of=2025-01-06T09:00:00%2B01:00").json()["events"]
    assert early == whole[:4]
    assert len(whole) > 4


def test_what_a_pair_wrote_is_withheld_everywhere(service: Service) -> None:
    service.a_pair()
    service.a_step_further()
    meeting = service.fact(
        "pairing.meeting_held",
        "p1",
        "2025-01-15T09:00:00Z",
        held_on="2025-01-15",
        minutes=30,
        agenda="OURAGENDA",
        notes="OURNOTES",
    )
    assert service.send(meeting).status_code == 201
    service.projector.catch_up()
    for path in ("/api/v1/pairings/p1", "/api/v1/pairings/p1/events", "/api/v1/events", "/pairings/p1"):
        assert "OUR" not in service.get(path).text
    trail = service.get("/api/v1/pairings/p1/events").json()["events"]
    (held,) = [event["data"] for event in trail if event["type"] == "MeetingHeld"]
    assert (held["agenda"], held["notes"], held["minutes"]) == ("(withheld)", "(withheld)", 30)


def test_a_participant_is_shown_with_name_and_assessments(service: Service) -> None:
    service.a_pair()
    service.a_step_further()
    found = service.get("/api/v1/participants/t1").json()
    assert (found["name"], found["email"], found["state"]) == ("Sara Ito", "t1@example.org", "approved")
    assert found["assessments"] == [{"assessed_on": "2025-01-07", "ratings": {"delegation": 3}, "average": 3.0}]
    assert found["pairings"] == ["p1"]


def test_a_forgotten_participant_is_withheld(service: Service) -> None:
    service.a_pair()
    destroy_keys(service.needs.store, "participant-t1")
    found = service.get("/api/v1/participants/t1").json()
    assert (found["name"], found["email"], found["person"]) == ("(withheld)", "(withheld)", "e-t1")
    assert service.get("/api/v1/programmes/leaders/board").json()["pairings"][0]["protege_name"] == "(withheld)"
    assert "(withheld)" in service.get("/pairings/p1").text


def test_what_is_not_there_is_a_problem(service: Service) -> None:
    for path in [
        "programmes/none",
        "programmes/none/report",
        "programmes/none/board",
        "pairings/none",
        "pairings/none/events",
        "participants/none",
        "nothing",
        "pairings/-/",
    ]:
        told_a_problem(service.get(f"/api/v1/{path}"), 404)


def test_an_id_that_cannot_be_is_not_there(service: Service) -> None:
    for path in ["pairings/%00", "participants/a%2Fb%00", "programmes/;DROP", "pairings/%FF"]:
        told_a_problem(service.get(f"/api/v1/{path}"), 404)


def test_a_question_that_does_not_fit_names_the_parameter(service: Service) -> None:
    for path, field in [
        ("programmes?colour=red", "colour"),
        ("facts?disposition=odd", "disposition"),
        ("facts?source=%00", "source"),
        ("programmes/leaders/board?page=0", "page"),
        ("programmes/leaders/board?size=100000", "size"),
        ("programmes/leaders/board?sort=figures", "sort"),
        ("programmes/leaders/report?as_of=2025", "as_of"),
        ("programmes/leaders/report?as_of=1735689600.5", "as_of"),
        ("programmes/leaders/report?as_of=-1", "as_of"),
        ("programmes/leaders/report?as_of=2025-01-01", "as_of"),
        ("programmes/leaders/report?as_of=2025-01-01T00:00:00", "as_of"),
        ("programmes/leaders/report?audience=everybody", "audience"),
        ("events?after=-1", "after"),
        ("events?after=99999999999999999999", "after"),
        ("pairings/p1?as_of=2025-01-01T00:00:00Z", "as_of"),
    ]:
        said = told_a_problem(service.get(f"/api/v1/{path}"), 422)
        assert said["type"] == "urn:pairway:problem:wrong-question"
        assert [error["field"] for error in said["errors"]] == [field]


# Versions


def test_what_has_not_changed_is_not_sent_again(service: Service) -> None:
    service.a_pair()
    for path in [
        "programmes",
        "programmes/leaders",
        "programmes/leaders/report",
        "programmes/leaders/report?as_of=2025-05-01T00:00:00Z",
        "pairings/p1",
        "pairings/p1/events",
        "participants/t1",
    ]:
        first = service.get(f"/api/v1/{path}")
        tag = first.headers["etag"]
        again = service.get(f"/api/v1/{path}", **{"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag


def test_what_has_changed_is_sent(service: Service) -> None:
    service.a_pair()
    tag = service.get("/api/v1/pairings/p1").headers["etag"]
    service.a_step_further()
    assert service.get("/api/v1/pairings/p1", **{"If-None-Match": tag}).status_code == 200


def test_the_report_of_another_format_has_another_tag(service: Service) -> None:
    service.a_pair()
    tags = {
        service.get("/api/v1/programmes/leaders/report", Accept=media).headers["etag"]
        for media in ("application/json", "text/html", "text/csv")
    }
    assert len(tags) == 3


# Reading one's own writes


def test_a_read_waits_for_the_position_that_it_asks_for(service: Service) -> None:
    positions = service.send(service.a_programme()).json()["positions"]
    Timer(0.1, service.projector.catch_up).start()
    found = service.get(f"/api/v1/programmes/leaders?after={positions[-1]}")
    assert found.status_code == 200


def test_a_read_that_would_wait_too_long_is_told_so(service: Service) -> None:
    said = told_a_problem(service.get("/api/v1/programmes?after=1000000"), 503)
    assert said["position"] == 0


def test_a_pairing_is_read_from_the_record_and_waits_for_nothing(service: Service) -> None:
    service.send_all(
        [
            service.a_programme(),
            service.a_participant("m1", "mentor", "Ivo"),
            service.a_participant("t1", "protege", "Sara"),
            service.a_proposal(),
        ]
    )
    head = service.needs.store.head()
    assert service.get(f"/api/v1/pairings/p1?after={head}").json()["step"] == "registration"


def test_every_address_can_be_asked_for_its_headers_alone(service: Service) -> None:
    service.a_pair()
    answered = service.client.head("/api/v1/pairings/p1")
    assert (answered.status_code, answered.content) == (200, b"")
    assert answered.headers["etag"]
    assert service.client.head("/api/v1/events/stream").status_code == 200
