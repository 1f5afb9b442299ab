"""The landing folder: parsed rows of one archived batch, waiting to be loaded.

Fetching and parsing need no database, so they can run anywhere; what they found lies here
as one folder of Parquet files per batch. A folder is complete or not there.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.durable import UNFINISHED_SUFFIX, sync

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_TEXT, _INT, _LONG, _BOOL = pa.string(), pa.int32(), pa.int64(), pa.bool_()
_TIME = pa.timestamp("us")

#: Columns of each landed table; a test holds them equal to the tables of schema `raw`.
SCHEMAS: dict[str, pa.Schema] = {
    "attempts": pa.schema(
        [
            ("page_id", _TEXT),
            ("run_id", _TEXT),
            ("channel_id", _TEXT),
            ("organization_id", _TEXT),
            ("requested_url", _TEXT),
            ("url", _TEXT),
            ("redirects", pa.list_(_TEXT)),
            ("status_code", _INT),
            ("outcome", _TEXT),
            ("error", _TEXT),
            ("is_conditional", _BOOL),
            ("fetched_at", _TIME),
            ("elapsed_ms", _INT),
            ("byte_count", _LONG),
            ("archive_file", _TEXT),
            ("purpose", _TEXT),
        ]
    ),
    "listings": pa.schema(
        [
            ("page_id", _TEXT),
            ("channel_id", _TEXT),
            ("observed_at", _TIME),
            ("entry_count", _INT),
            ("listed_from", _TIME),
            ("document_format", _TEXT),
            ("document_encoding", _TEXT),
            ("parser", _TEXT),
            ("is_malformed", _BOOL),
            ("malformed_reason", _TEXT),
            ("time_to_live_minutes", _INT),
            ("is_delta", _BOOL),
            ("is_continued", _BOOL),
        ]
    ),
    "activities": pa.schema(
        [
            ("activity_id", _TEXT),
            ("channel_id", _TEXT),
            ("organization_id", _TEXT),
            ("kind", _TEXT),
            ("direction", _TEXT),
            ("occurred_at", _TIME),
            ("published_at", _TIME),
            ("updated_at", _TIME),
            ("first_seen_at", _TIME),
            ("time_precision", _TEXT),
            ("date_flag", _TEXT),
            ("identity_basis", _TEXT),
            ("is_repeated", _BOOL),
            ("author_key", _TEXT),
            ("author_role", _TEXT),
            ("author_evidence", _TEXT),
            ("parent_id", _TEXT),
            ("thread_id", _TEXT),
            ("thread_shape", _TEXT),
            ("listed_in", _TEXT),
            ("found_through", _TEXT),
            ("is_question", _BOOL),
            ("is_accepted_answer", _BOOL),
            ("language", _TEXT),
            ("text_length", _INT),
            ("link_host", _TEXT),
            ("link_key", _TEXT),
            ("content_fingerprint", _TEXT),
            ("text_sketch", _TEXT),
            ("like_count", _LONG),
            ("reply_count", _LONG),
            ("repost_count", _LONG),
            ("page_id", _TEXT),
            ("connector_version", _TEXT),
        ]
    ),
    "presences": pa.schema(
        [
            ("channel_id", _TEXT),
            ("organization_id", _TEXT),
            ("observed_at", _TIME),
            ("page_id", _TEXT),
            ("follower_count", _LONG),
            ("member_count", _LONG),
            ("active_member_count", _LONG),
            ("active_days", _INT),
            ("contributor_count", _LONG),
            ("post_count", _LONG),
            ("is_verified", _BOOL),
            ("verification", _TEXT),
            ("has_description", _BOOL),
            ("has_site_link", _BOOL),
            ("has_avatar", _BOOL),
            ("has_contact", _BOOL),
            ("has_rules", _BOOL),
            ("is_linked_back", _BOOL),
        ]
    ),
    "threads": pa.schema(
        [
            ("thread_id", _TEXT),
            ("channel_id", _TEXT),
            ("observed_at", _TIME),
            ("reply_count", _LONG),
            ("shown_count", _LONG),
            ("is_truncated", _BOOL),
            ("withheld_count", _LONG),
            ("page_id", _TEXT),
        ]
    ),
    "periods": pa.schema(
        [
            ("channel_id", _TEXT),
            ("from_at", _TIME),
            ("until_at", _TIME),
            ("observed_at", _TIME),
            ("is_dialogue_whole", _BOOL),
            ("page_id", _TEXT),
        ]
    ),
    "extents": pa.schema(
        [
            ("channel_id", _TEXT),
            ("observed_at", _TIME),
            ("listed_in", _TEXT),
            ("from_at", _TIME),
            ("to_at", _TIME),
            ("thread_id", _TEXT),
            ("exempt_id", _TEXT),
            ("page_id", _TEXT),
        ]
    ),
    "deletions": pa.schema(
        [
            ("activity_id", _TEXT),
            ("channel_id", _TEXT),
            ("observed_at", _TIME),
            ("page_id", _TEXT),
        ]
    ),
    "drifts": pa.schema(
        [
            ("source", _TEXT),
            ("kind", _TEXT),
            ("path", _TEXT),
            ("found", _TEXT),
            ("channel_id", _TEXT),
            ("observed_at", _TIME),
            ("page_id", _TEXT),
        ]
    ),
    "cursors": pa.schema(
        [
            ("channel_id", _TEXT),
            ("url", _TEXT),
            ("etag", _TEXT),
            ("last_modified", _TEXT),
            ("body_sha256", _TEXT),
            ("document_page_id", _TEXT),
            ("listed_from", _TIME),
            ("entry_count", _INT),
            ("listed_ids", pa.binary()),
            ("time_to_live_minutes", _INT),
            ("last_attempt_at", _TIME),
            ("last_seen_at", _TIME),
            ("last_whole_at", _TIME),
            ("last_outcome", _TEXT),
            ("last_error", _TEXT),
            ("failure_count", _INT),
            ("not_before", _TIME),
            ("next_due_at", _TIME),
            ("rhythm", _TEXT),
            ("adoption", _TEXT),
            ("connector_state", _TEXT),
        ]
    ),
    "address_changes": pa.schema(
        [
            ("channel_id", _TEXT),
            ("changed_at", _TIME),
            ("reason", _TEXT),
            ("from_url", _TEXT),
            ("to_url", _TEXT),
            ("page_id", _TEXT),
        ]
    ),
}


def write_landing(
    folder: Path, file_id: str, tables: Mapping[str, Mapping[str, Sequence[Any]]]
) -> Path:
    """Put the parsed rows of one batch in place; returns the batch's folder.

    `tables` has column lists by table name; a table without rows may be left out.
    """
    target = folder / file_id
    unfinished = folder / f".{file_id}{UNFINISHED_SUFFIX}"
    for leftover in (target, unfinished):
        shutil.rmtree(leftover, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name, columns in tables.items():
        table = pa.table(dict(columns), schema=SCHEMAS[name])
        if table.num_rows:
            _write(table, unfinished / f"{name}.parquet")
    sync(unfinished)
    unfinished.rename(target)
    return target


def land_again(folder: Path, kept: Path) -> Path:
    """Put kept rows of a batch in the landing folder once more; returns the batch's folder.

    Rows that an older version kept get the columns that it did not know, empty.
    """
    tables = {name: _columns(kept / f"{name}.parquet", SCHEMAS[name]) for name in SCHEMAS}
    return write_landing(folder, kept.name, {name: t for name, t in tables.items() if t})


def landed_rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """Rows of one table of a landed batch; times without zone."""
    path = folder / f"{table}.parquet"
    if not path.exists():  # a table without rows
        return []
    with pq.ParquetFile(path) as file:
        return cast("list[dict[str, Any]]", file.read(use_threads=False).to_pylist())


def _columns(path: Path, schema: pa.Schema) -> dict[str, Any]:
    if not path.exists():
        return {}
    with pq.ParquetFile(path) as file:
        table = file.read(use_threads=False)
    known = set(table.column_names)
    return {
        field.name: table[field.name] if field.name in known else [blank(field.type)] * len(table)
        for field in schema
    }


def blank(kind: pa.DataType) -> str | bool | int | None:
    """What stands in a column of this type where nothing is known."""
    if pa.types.is_string(kind):
        return ""
    if pa.types.is_boolean(kind):
        return False
    return 0 if pa.types.is_int32(kind) else None


def _write(table: pa.Table, path: Path) -> None:
    """Read once and thrown away: neither dictionaries nor statistics are worth their memory."""
    pq.write_table(table, path, compression="lz4", use_dictionary=False, write_statistics=False)


def landed(folder: Path) -> list[Path]:
    """Complete batches that wait to be loaded, oldest first; removes what a crash left."""
    for leftover in folder.glob(f".*{UNFINISHED_SUFFIX}"):
        shutil.rmtree(leftover, ignore_errors=True)
    return sorted(path for path in folder.glob("*") if path.is_dir())
