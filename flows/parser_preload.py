"""Imported first, and only, by the process that parsers are forked from."""

from __future__ import annotations

from flows.kept_out import keep_out

keep_out("pandas", "numpy")
