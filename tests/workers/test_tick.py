"""The tick sends everyone who is due, once, and keeps no truth of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import redis

from projections.due import Due
from workers.tick import TOGETHER, key, marks, tick

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def due(*pairings: str, at: datetime = NOW, mentor: str | None = None) -> list[Due]:
    return [Due(pairing, mentor or f"mentor-{pairing}", at) for pairing in pairings]


class Sent:
    """Remembers what was sent; nothing is marked unless it is told so."""

    def __init__(self) -> None:
        self.messages: list[list[str]] = []

    def __call__(self, pairings: list[str]) -> None:
        self.messages.append(pairings)


def test_everyone_who_is_due_is_sent_a_handful_a_message() -> None:
    sent = Sent()
    many = [f"p{number}" for number in range(TOGETHER * 2 + 1)]

    found = tick(NOW, lambda _at, _most: due(*many), lambda names: [False for _ in names], sent)

    assert found == len(many)
    assert [len(message) for message in sent.messages] == [TOGETHER, TOGETHER, 1]
    assert [pairing for message in sent.messages for pairing in message] == many


def test_nobody_due_sends_nothing(redis_url: str) -> None:
    sent = Sent()
    with redis.Redis.from_url(redis_url) as client:
        assert tick(NOW, lambda _at, _most: [], marks(client), sent) == 0
    assert sent.messages == []


def test_two_ticks_at_once_send_a_pairing_once_for_one_instant_and_again_for_the_next(redis_url: str) -> None:
    first, second, later = Sent(), Sent(), Sent()
    with redis.Redis.from_url(redis_url) as one, redis.Redis.from_url(redis_url) as other:
        tick(NOW, lambda _at, _most: due("a", "b"), marks(one), first)
        tick(NOW, lambda _at, _most: due("a", "b", "c"), marks(other), second)
        tick(NOW, lambda _at, _most: due("a", at=NOW + timedelta(days=1)), marks(other), later)

    assert (first.messages, second.messages, later.messages) == ([["a", "b"]], [["c"]], [["a"]])


def test_a_mentors_pairings_go_together_also_when_one_was_sent_before(redis_url: str) -> None:
    first, second = Sent(), Sent()
    with redis.Redis.from_url(redis_url) as client:
        tick(NOW, lambda _at, _most: due("a", mentor="m"), marks(client), first)
        tick(NOW, lambda _at, _most: due("a", "b", mentor="m"), marks(client), second)

    assert (first.messages, second.messages) == ([["a"]], [["a", "b"]])


def test_what_was_lost_on_the_way_is_sent_again_when_its_mark_is_gone(redis_url: str) -> None:
    sent = Sent()
    with redis.Redis.from_url(redis_url) as client:
        tick(NOW, lambda _at, _most: due("a"), marks(client), sent)
        left = client.ttl(key(due("a")[0]))
        client.flushdb()
        tick(NOW, lambda _at, _most: due("a"), marks(client), sent)

    assert sent.messages == [["a"], ["a"]]
    assert isinstance(left, int)
    assert 0 < left <= 60
