-- One row: what tells an export apart that its tables do not say in a glance.
-- NULL: the versions and methods of what was never estimated or measured.
with listed as (
    select concat_ws(
        '|', 'organization', organization_id, name, industry, size_class, country, timezone, homepage
    ) as line
    from raw.organizations
    where last_listed_at = (select max(last_listed_at) from raw.organizations)
    union all
    select concat_ws(
        '|', 'channel', channel_id, organization_id, source, address, role, function, region
    ) as line
    from raw.channels
    where last_listed_at = (select max(last_listed_at) from raw.organizations)
),

methods as (
    select
        signal_code,
        max(method_version) as method_version,
    from signals.measurements
    group by signal_code
)

select
    (select sha256(coalesce(string_agg(line, chr(10) order by line), '')) from listed)
        as list_sha256,
    (select list(distinct model_version order by model_version) from estimates.stages)
        as model_versions,
    (select map(list(signal_code order by signal_code), list(method_version order by signal_code))
        from methods) as method_versions,
    (select coalesce(bool_or(is_invented), false) from raw.runs) as is_invented,
    version() as engine_version
