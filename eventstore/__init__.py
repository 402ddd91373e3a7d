"""The record on PostgreSQL: appends to streams, seals them into one order, reads them back; knows bytes, no domain."""
