"""What tests of every folder share: a real PostgreSQL, and a migrated database of its own for each test."""

from tests.postgres import database_url, pool, postgres, store, template

__all__ = ["database_url", "pool", "postgres", "store", "template"]
