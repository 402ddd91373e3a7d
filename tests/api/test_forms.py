"""Forms as browsers send them, and as nobody should."""

from __future__ import annotations

import pytest

from api.forms import multipart, urlencoded
from api.pages.opening import competencies
from api.problems import Problem

BOUNDARY = "----WebKitFormBoundaryx"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def parts(*each: bytes) -> bytes:
    return (
        b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in each) + f"--{BOUNDARY}--\r\n".encode()
    )


def test_a_file_comes_as_the_bytes_that_it_has() -> None:
    file = bytes(range(256)) + b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n\r\n"
    head = b'Content-Disposition: form-data; name="file"; filename="a.ndjson"\r\nContent-Type: text/plain\r\n\r\n'
    sent = multipart(parts(head + file, b'Content-Disposition: form-data; name="note"\r\n\r\n \xc3\xbc\r\n '), TYPE)
    assert sent.files == {"file": file}
    assert sent.fields == {"note": "ü"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", TYPE),
        (b"--other\r\n", TYPE),
        (parts(b"no name\r\n\r\nx"), TYPE),
        (parts(b'Content-Disposition: form-data; name="a"'), TYPE),
        (parts(b'Content-Disposition: form-data; name="a"\r\n\r\nx')[:-6], TYPE),
        (parts(), "multipart/form-data"),
    ],
)
def test_a_broken_form_is_a_problem_and_no_fault(body: bytes, content_type: str) -> None:
    with pytest.raises(Problem, match="cannot be read"):
        multipart(body, content_type)


def test_what_was_typed_comes_without_what_nobody_sees() -> None:
    sent = urlencoded(b"reason=+two%0D%0Alines+&until=&half=%ff&reason=+last%0D%0Aone+")
    assert sent.fields == {"reason": "last\none", "until": "", "half": "\ufffd"}
    assert sent.get("nothing") == ""


def test_a_form_of_endless_fields_or_no_text_is_a_problem() -> None:
    for body in (b"&".join(b"a%d=1" % number for number in range(500)), "ü=1".encode()):
        with pytest.raises(Problem):
            urlencoded(body)


def test_a_competency_has_the_id_that_is_typed_or_one_made_of_its_name() -> None:
    typed = "neg: Negotiating\nTime: my own\n日本語\nÀ la carte!"
    assert [each["id"] for each in competencies(typed)] == ["neg", "Time", "competency-3", "a-la-carte"]
