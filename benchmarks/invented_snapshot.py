"""A published snapshot of any size, invented: for measuring the dashboard, not for reading."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from classifiers.signals import SIGNALS
from warehouse.build import Clock, build, build_marts
from warehouse.db import open_warehouse
from warehouse.publish import publish_marts

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = datetime(2026, 11, 23, tzinfo=UTC)
WEEK = "date '2026-11-16'"
_INDUSTRIES = (
    "education", "finance", "health", "public-administration", "retail", "transport",
    "utilities", "information", "manufacturing", "professional-services",
)  # fmt: skip


def write_snapshot(folder: Path, organization_count: int, week_count: int) -> Path:
    """Write a snapshot with the marts that publishing makes, filled by hashing; returns the link.

    Args:
        folder: made when missing; a snapshot of the same size there is used again.
        organization_count: of every week.
        week_count: up to 2026-11-16.
    """
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "snapshot.duckdb"
    if link.exists():
        return link
    path = folder / "snapshot-000001.duckdb"
    shutil.copy(_empty(folder), path)
    with duckdb.connect(str(path)) as connection:
        _fill(connection, organization_count, week_count)
    link.symlink_to(path.name)
    return link


def _empty(folder: Path) -> Path:
    clock = Clock(as_of=AS_OF, known_at=AS_OF)
    with open_warehouse(folder / "warehouse.duckdb") as connection:
        build(connection, clock)
        more = {"snapshot_number": 1, "published_at": AS_OF.replace(tzinfo=None)}
        build_marts(connection, clock, more)
        return publish_marts(connection, folder / "empty", 1)


def _fill(connection: duckdb.DuckDBPyConnection, organization_count: int, week_count: int) -> None:
    for statement in (
        _organizations(organization_count, week_count),
        _signals(),
        _histories(),
        _weeks(),
        _channels(),
        _activity(),
        _contributions(),
        _claims(),
        _answers(),
        _snapshot(organization_count),
    ):
        connection.execute(statement)
    connection.execute("checkpoint")


def _chance(*parts: str) -> str:
    """A number from 0 to 1 that only depends on its parts."""
    return f"(hash({', '.join(parts)}) % 1000003 / 1000003.0)"


def _organizations(count: int, weeks: int) -> str:
    industries = ", ".join(f"'{name}'" for name in _INDUSTRIES)
    signals = ", ".join(_signal(each.code, each.unit) for each in SIGNALS)
    weights = ", ".join(f"exp(-(({k} - x) ** 2) / 1.6) as weight_{k}" for k in range(1, 7))
    total = " + ".join(f"weight_{k}" for k in range(1, 7))
    probabilities = ", ".join(f"weight_{k} / total as probability_{k}" for k in range(1, 7))
    return f"""
    insert into marts.organizations by name
    with latent as (
        select
            i,
            w,
            1 + 5 * {_chance("i", "'latent'")} + 0.4 * sin(w / 9.0 + i)
                + 0.3 * {_chance("i", "w")} as x,
        from range({weeks}) as weeks (w), range({count}) as organizations (i)
    ),
    weighed as (select *, {weights} from latent),
    summed as (select *, {total} as total from weighed)
    select
        'organization-' || lpad(i::varchar, 6, '0') as organization_id,
        'Organization ' || lpad(i::varchar, 6, '0') as name,
        [{industries}][(1 + hash(i, 'industry') % {len(_INDUSTRIES)})::bigint] as industry,
        ['1-9', '10-49', '50-249', '250-999', '1000+'][(1 + hash(i, 'size') % 5)::bigint]
            as size_class,
        ['NL', 'BE', 'DE', 'FR', 'GB', 'IE', 'ES', 'US'][(1 + hash(i, 'country') % 8)::bigint]
            as country,
        'https://example.org' as homepage,
        case when i % 7 = 0 then ['pilot'] else [] end as groups,
        {WEEK} - 7 * ({weeks} - 1 - w)::integer as as_of_week,
        3 + i % 4 as channel_count,
        case i % 3 when 0 then ['feeds'] when 1 then ['feeds', 'mastodon']
            else ['bluesky', 'feeds'] end as sources,
        2 + i % 4 as readable_channel_count,
        0.7 + 0.3 * {_chance("i", "w", "'coverage'")} as coverage_share,
        greatest(1, least(6, round(x)))::integer as stage_code,
        ['Planning', 'Presence', 'Engagement', 'Formalized', 'Strategic', 'Converged'][
            greatest(1, least(6, round(x)))::integer] as stage_label,
        {probabilities},
        greatest(1, floor(x - 0.6))::integer as set80_low,
        least(6, ceil(x + 0.6))::integer as set80_high,
        greatest(1, floor(x - 1))::integer as set90_low,
        least(6, ceil(x + 1))::integer as set90_high,
        hash(i, w // 5, 'abstained') % 9 = 0 as is_abstained,
        case when hash(i, w // 5, 'abstained') % 9 = 0 then 'low_coverage' else '' end
            as abstention_reason,
        case when hash(i, w // 5, 'abstained') % 9 = 0
            then 'Abstained: 41 % of the channel days were seen; at least 60 % are needed.'
            else '' end as abstention_text,
        'invented-' || (1 + w // 30) as model_version,
        false as is_out_of_fold,
        false as saw_claim,
        case
            when i % 3 = 2 then null
            when i % 23 = 0 then least(6, set90_high + 1)
            when i % 29 = 0 then greatest(1, set90_low - 1)
            else greatest(set90_low, least(set90_high, round(x + 0.7)))
        end::integer as claimed_stage_code,
        case when i % 3 <> 2 then date '2026-03-01' + (i % 200)::integer end as claimed_on,
        case when i % 3 <> 2 then 'altimeter_direct' end as claim_instrument,
        case
            when claimed_stage_code > set90_high then 'above'
            when claimed_stage_code < set90_low then 'below'
            when claimed_stage_code is not null then 'within'
        end as claim_position,
        {signals}
    from summed
    order by as_of_week, organization_id
    """


def _signal(code: str, unit: str) -> str:
    seen = f"{_chance('i', repr(code))} > 0.15"
    return f"case when {seen} then {_value(code, unit)} end as {code}"


def _value(code: str, unit: str) -> str:
    chance = _chance("i", "w // 2", repr(code))
    return chance if unit == "share" or unit.startswith("index") else f"exp(4 * {chance}) - 0.9"


def _signals() -> str:
    columns = ", ".join(signal.code for signal in SIGNALS)
    return f"""
    insert into marts.signals by name
    select
        organization_id,
        as_of_week,
        13 as window_weeks,
        signal_code,
        value,
        value * 0.8 as lower,
        value * 1.25 as upper,
        20 as n,
        coverage_share,
        false as is_pooled,
        case when value is null then 'undefined' else '' end as missing_reason,
        '' as unseen_reason,
        '1' as method_version,
    from (
        select organization_id, as_of_week, coverage_share, {columns} from marts.organizations
    )
    unpivot include nulls (value for signal_code in ({columns}))
    order by as_of_week, organization_id, signal_code
    """


def _histories() -> str:
    return """
    insert into marts.histories by name
    select * exclude (industry, size_class, country, homepage, groups, sources)
    from marts.organizations
    order by organization_id, as_of_week
    """


def _weeks() -> str:
    return """
    insert into marts.weeks by name
    select
        as_of_week,
        count(*) as organization_count,
        (count(*) * case when week(as_of_week) % 17 = 0 then 0.6 else 0.98 end)::integer
            as reached_count,
        (count(*) * 25) as seen_day_count,
        (count(*) * 28) as channel_day_count,
        count(*) as estimate_count,
        count(*) filter (is_abstained) as abstained_count,
        max(model_version) as model_version,
    from marts.organizations
    group by as_of_week
    order by as_of_week
    """


def _channels() -> str:
    return f"""
    insert into marts.channels by name
    select
        organization_id,
        organization_id || ':' || source as channel_id,
        source,
        'https://example.org/' || organization_id || '/' || source as address,
        'official' as role,
        'press' as function,
        timestamp '2026-11-22 06:00:00' as last_attempt_at,
        timestamp '2026-11-22 06:00:00' as last_seen_at,
        case when hash(organization_id, source) % 20 = 0 then 'server_error' else 'ok' end
            as last_outcome,
        '' as last_error,
        120 as activity_count,
        false as is_lossy,
    from (
        select organization_id, unnest(sources) as source
        from marts.organizations where as_of_week = {WEEK}
    )
    order by all
    """


def _activity() -> str:
    return """
    insert into marts.activity_weeks by name
    select
        organization_id,
        source,
        week,
        (hash(channel_id, week) % 9)::integer as post_count,
        case when source <> 'feeds' then (hash(channel_id, week, 'r') % 5)::integer end
            as reply_count,
        case when source <> 'feeds' then (hash(channel_id, week, 's') % 7)::integer end
            as received_count,
        7 as covered_day_count,
        7 as channel_day_count,
    from marts.channels
    cross join (
        select as_of_week as week from marts.weeks order by as_of_week desc limit 26
    )
    order by all
    """


def _contributions() -> str:
    parts = ("average", "presence", "cadence", "dialogue", "community", "coordination", "people")
    listed = ", ".join(f"'{part}'" for part in (*parts, "size", "not_seen", "doubt"))
    log_odds = ", ".join(
        f"2 * {_chance('organization_id', 'part', str(k))} - 1 as above_{k}_log_odds"
        for k in range(1, 6)
    )
    return f"""
    insert into marts.contributions by name
    select
        organization_id,
        part,
        list_position([{listed}], part) as part_order,
        case when part in ('average', 'not_seen', 'doubt') then null else 0.8 end as seen_share,
        {log_odds},
    from (select organization_id from marts.organizations where as_of_week = {WEEK})
    cross join (select unnest([{listed}]) as part)
    order by all
    """


def _claims() -> str:
    return f"""
    insert into marts.claims by name
    select
        organization_id,
        claim_instrument as instrument,
        claimed_on,
        claimed_stage_code as stage_code,
        true as is_headline,
    from marts.organizations
    where as_of_week = {WEEK} and claimed_stage_code is not null
    """


def _answers() -> str:
    return f"""
    insert into marts.answers by name
    select
        organization_id,
        'esm3' as instrument,
        '1' as instrument_version,
        date '2026-05-01' as answered_on,
        item_code,
        1 + hash(organization_id, item_code) % 3 as answer,
        '' as evidence_url,
    from (
        select organization_id from marts.organizations
        where as_of_week = {WEEK} and hash(organization_id, 'esm3') % 4 = 0
    )
    cross join (
        select unnest([
            'EMP1', 'EMP2', 'EMP3', 'BUS1', 'BUS2', 'BUS3',
            'ORG1', 'ORG2', 'ORG3', 'TEC1', 'TEC2', 'TEC3'
        ]) as item_code
    )
    order by all
    """


def _snapshot(organization_count: int) -> str:
    return f"""
    update marts.snapshot set
        as_of_week = {WEEK},
        organization_count = {organization_count},
        data_to = timestamp '2026-11-22 06:00:00',
        run_state = 'completed',
        model_version = (
            select max(model_version) from marts.organizations where as_of_week = {WEEK}
        ),
        model_kind = 'cold_start',
        is_invented = true
    """
