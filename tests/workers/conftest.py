"""Workers are tried on a real database and a real Redis."""

from tests.parts import make_parts, parts
from tests.queue_server import redis_server, redis_url

__all__ = ["make_parts", "parts", "redis_server", "redis_url"]
