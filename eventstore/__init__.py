"""The record on PostgreSQL: streams, appends, one global order; knows bytes, no domain."""
