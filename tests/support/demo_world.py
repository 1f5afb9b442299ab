"""The demo world of one day, made once for all tests of a process."""

from datetime import UTC, datetime

from flows.demo.world import build_world

WORLD = build_world(datetime(2026, 11, 20, tzinfo=UTC))
