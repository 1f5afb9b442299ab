"""A published snapshot of any size, invented: for measuring the dashboard, not for reading."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import duckdb
from invented_agreement import write_agreement
from invented_chance import AS_OF, INDUSTRIES, WEEK, chance, one_of
from invented_collection import CLOSED, write_channels, write_collection
from invented_model import write_models

from classifiers.signals import SIGNALS
from classifiers.stages import Stage
from warehouse.build import Clock, build, build_marts
from warehouse.db import open_warehouse
from warehouse.publish import publish_marts

if TYPE_CHECKING:
    from pathlib import Path


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
    write_channels(connection, organization_count)
    for statement in (
        _organizations(organization_count, week_count),
        _signals(),
        _histories(),
        _contributions(),
        _claims(),
        _answers(),
        _snapshot(organization_count),
    ):
        connection.execute(statement)
    write_collection(connection)
    write_models(connection)
    write_agreement(connection)
    connection.execute("checkpoint")


def _organizations(count: int, weeks: int) -> str:
    """Organizations as their channels tell of them, with claims above or below what is latent."""
    signals = ", ".join(_signal(each.code, each.unit) for each in SIGNALS)
    probabilities = ", ".join(f"weight_{k} / total as probability_{k}" for k in range(1, 7))
    return f"""
    insert into marts.organizations by name
    with {_estimated(count, weeks)},
    read as (
        select
            organization_id,
            count(*) as channel_count,
            list_sort(list(distinct source)) as sources,
            count(*) filter (last_seen_at > {WEEK} - 84) as readable_channel_count,
        from marts.channels
        group by organization_id
    )
    select
        read.organization_id,
        'Organization ' || lpad(i::varchar, 6, '0') as name,
        industry,
        {one_of(("1-9", "10-49", "50-249", "250-999", "1000+"), "i", "'size'")} as size_class,
        {one_of(("NL", "BE", "DE", "FR", "GB", "IE", "ES", "US"), "i", "'country'")} as country,
        'https://example.org' as homepage,
        case when i % 7 = 0 then ['pilot'] else [] end as groups,
        {WEEK} - 7 * ({weeks} - 1 - w)::integer as as_of_week,
        read.channel_count,
        read.sources,
        read.readable_channel_count,
        seen_share as coverage_share,
        stage as stage_code,
        names[stage] as stage_label,
        {probabilities},
        low_80 as set80_low,
        high_80 as set80_high,
        low_90 as set90_low,
        high_90 as set90_high,
        reason <> '' as is_abstained,
        reason as abstention_reason,
        case reason
            when 'low_coverage' then 'Abstained: ' || round(100 * seen_share)::integer
                || ' % of the channel days in the window were seen; at least 60 % are needed.'
            when 'wide_set' then 'Abstained: the evidence fits ' || high_90 - low_90 + 1
                || ' of the 6 stages that the model tells apart, ' || names[low_90] || ' to '
                || names[high_90] || '; a point needs fewer than 4.'
            else ''
        end as abstention_text,
        'invented-' || (1 + w // 30) as model_version,
        false as is_out_of_fold,
        false as saw_claim,
        case
            when i % 3 = 2 then null
            when i % 29 = 0 then greatest(1, low_90 - 1)
            else greatest(1, least(6, round(x + {_claim_above("i", "industry")})))
        end::integer as claimed_stage_code,
        case when i % 3 <> 2 then date '2026-03-01' + (i % 200)::integer end as claimed_on,
        case when i % 3 <> 2 then 'altimeter_direct' end as claim_instrument,
        case
            when claimed_stage_code is null or is_unseen then null
            when claimed_stage_code > high_90 then 'above'
            when claimed_stage_code < low_90 then 'below'
            else 'within'
        end as claim_position,
        {signals}
    from summed
    join read on read.organization_id = 'organization-' || lpad(i::varchar, 6, '0')
    order by as_of_week, organization_id
    """


def _estimated(count: int, weeks: int) -> str:
    """Sets of three stages around the latent one; of more where that is too wide for a point."""
    weights = ", ".join(f"exp(-(({k} - x) ** 2) / spread) as weight_{k}" for k in range(1, 7))
    total = " + ".join(f"weight_{k}" for k in range(1, 7))
    return f"""
    latent as (
        select
            i,
            w,
            {one_of(INDUSTRIES, "i", "'industry'")} as industry,
            1 + 5 * {chance("i", "'latent'")} + 0.4 * sin(w / 9.0 + i)
                + 0.3 * {chance("i", "w")} as x,
            hash(i, w // 5, 'abstained') % 18 as doubt,
            doubt = 0 or ({CLOSED} and w >= {weeks} - 6) as is_unseen,
            case when doubt = 1 then 3.0 else 1.6 end as spread,
            case when doubt = 1 then 1.1 else 0.6 end as reach_80,
            case when doubt = 1 then 1.7 else 1.0 end as reach_90,
        from range({weeks}) as weeks (w), range({count}) as organizations (i)
    ),
    weighed as (select *, {weights} from latent),
    summed as (
        select
            *,
            {total} as total,
            greatest(1, least(6, round(x)))::integer as stage,
            greatest(1, least(6, round(x - reach_80)))::integer as low_80,
            greatest(1, least(6, round(x + reach_80)))::integer as high_80,
            greatest(1, least(6, round(x - reach_90)))::integer as low_90,
            greatest(1, least(6, round(x + reach_90)))::integer as high_90,
            case when is_unseen then round(0.3 + 0.25 * {chance("i", "w // 5", "'seen'")}, 2)
                else 0.84 + 0.16 * {chance("i", "w", "'coverage'")} end as seen_share,
            {_stage_names()} as names,
            case when is_unseen then 'low_coverage'
                when high_90 - low_90 >= 3 then 'wide_set' else '' end as reason,
        from weighed
    )
    """


def _stage_names() -> str:
    return f"{[stage.label for stage in Stage]!r}"


def _claim_above(organization: str, industry: str) -> str:
    """By how much more than the latent stage is claimed: more in some industries."""
    own, shared = chance(organization, repr("claim")), chance(industry, repr("claim"))
    return f"2 * {own} + 0.4 * {shared} - 0.7"


def _signal(code: str, unit: str) -> str:
    seen = f"{chance('i', repr(code))} > 0.15"
    return f"case when {seen} then {_value(code, unit)} end as {code}"


def _value(code: str, unit: str) -> str:
    number = chance("i", "w // 2", repr(code))
    if unit in _COUNTS:
        return _COUNTS[unit]
    return number if _is_at_most_1(unit) else f"exp(4 * {number}) - 0.9"


#: What the list itself tells.
_COUNTS = {
    "channels": "read.channel_count",
    "platforms": "len(read.sources)",
    "functions": "read.channel_count - 1",
}


def _is_at_most_1(unit: str) -> bool:
    return unit == "share" or unit.startswith("index")


def _signals() -> str:
    columns = ", ".join(signal.code for signal in SIGNALS)
    shares = ", ".join(repr(each.code) for each in SIGNALS if _is_at_most_1(each.unit))
    counts = ", ".join(repr(each.code) for each in SIGNALS if each.unit in _COUNTS)
    return f"""
    insert into marts.signals by name
    select
        organization_id,
        as_of_week,
        13 as window_weeks,
        signal_code,
        value,
        case when signal_code not in ({counts}) then value * 0.8 end as lower,
        case
            when signal_code in ({counts}) then null
            when signal_code in ({shares}) then least(value * 1.25, 1)
            else value * 1.25
        end as upper,
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


def _contributions() -> str:
    """Parts that add up to the log-odds of the estimate, more or less evenly."""
    parts = ("average", "presence", "cadence", "dialogue", "community", "coordination", "people")
    listed = ", ".join(f"'{part}'" for part in (*parts, "size", "not_seen", "doubt"))
    pushes = ", ".join(
        f"2 * {chance('organization_id', 'part', str(k))} - 1 as push_{k}" for k in range(1, 6)
    )
    above = ["1" + "".join(f" - probability_{low}" for low in range(1, k + 1)) for k in range(1, 6)]
    log_odds = ", ".join(f"ln(({p}) / (1 - ({p}))) as whole_{k}" for k, p in enumerate(above, 1))
    told = ", ".join(
        f"push_{k} - avg(push_{k}) over parts + whole_{k} / count(*) over parts"
        f" as above_{k}_log_odds"
        for k in range(1, 6)
    )
    return f"""
    insert into marts.contributions by name
    with pushed as (
        select organization_id, part, {pushes}, {log_odds},
        from marts.organizations
        cross join (select unnest([{listed}]) as part)
        where as_of_week = {WEEK}
    )
    select
        organization_id,
        part,
        list_position([{listed}], part) as part_order,
        case when part in ('average', 'not_seen', 'doubt') then null else 0.8 end as seen_share,
        {told},
    from pushed
    window parts as (partition by organization_id)
    order by organization_id, part_order
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
        model_version = (
            select max(model_version) from marts.organizations where as_of_week = {WEEK}
        ),
        is_invented = true
    """
