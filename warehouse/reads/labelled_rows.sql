-- One row per label: what was measured of its organization by the day that it is about.
-- Window: the last measured week that ends on or before that day; where there is none, the first
-- later one (is_late). $organization_ids and $about_days are lists of one entry a label.
-- NULL: no week of the organization was ever measured, so that nothing stands beside the label.
-- Weeks of a version that did not keep how much was seen are counted from what is known now.
with given as (
    select
        unnest(range(len($organization_ids::varchar[]))) as place,
        unnest($organization_ids::varchar[]) as organization_id,
        unnest($about_days::date[]) as about,
),

measured_weeks as (
    select distinct
        organization_id,
        as_of_week,
    from signals.measurements
),

chosen as (
    select
        given.place,
        given.organization_id,
        coalesce(
            max(as_of_week) filter (as_of_week + 6 <= about),
            min(as_of_week) filter (as_of_week + 6 > about)
        ) as as_of_week,
        count(*) filter (as_of_week + 6 <= about) = 0 as is_late,
    from given
    left join measured_weeks on given.organization_id = measured_weeks.organization_id
    group by given.place, given.organization_id
),

measured as (
    select
        chosen.place,
        map(list(signal_code), list(case when not is_pooled then value end)) as values,
        map(list(signal_code), list(case when is_pooled then 'undefined' else missing_reason end))
            as missing_reasons,
        max(coverage_share) filter (signal_code = 'posts_per_week') as coverage_share,
    from chosen
    join signals.measurements
        on chosen.organization_id = measurements.organization_id
        and chosen.as_of_week = measurements.as_of_week
    group by chosen.place
),

evidence as (
    from signals.evidence
    qualify row_number() over (partition by organization_id, as_of_week order by known_at desc) = 1
),

counted_now as (
    select
        chosen.place,
        count(distinct ago.week) as observed_week_count,
    from chosen
    anti join evidence
        on chosen.organization_id = evidence.organization_id
        and chosen.as_of_week = evidence.as_of_week
    join raw.channels on chosen.organization_id = channels.organization_id
    join raw.seen_spans on channels.channel_id = seen_spans.channel_id
    cross join (select unnest(range(13)) as week) as ago
    where
        seen_spans.from_day <= chosen.as_of_week - 7 * ago.week::integer + 6
        and seen_spans.until_day >= chosen.as_of_week - 7 * ago.week::integer
    group by chosen.place
),

mixes as (
    select
        organization_id,
        string_agg(distinct source, ' ' order by source) as source_mix,
    from raw.channels
    group by organization_id
)

select
    chosen.organization_id,
    chosen.as_of_week,
    chosen.is_late,
    measured.values,
    measured.missing_reasons,
    measured.coverage_share,
    coalesce(evidence.observed_week_count, counted_now.observed_week_count, 0)
        as observed_week_count,
    coalesce(organizations.industry, '') as industry,
    coalesce(organizations.size_class, '') as size_class,
    coalesce(organizations.country, '') as country,
    coalesce(mixes.source_mix, '') as source_mix,
    organizations.first_listed_at::date as first_seen,
from chosen
left join measured on chosen.place = measured.place
left join evidence
    on chosen.organization_id = evidence.organization_id
    and chosen.as_of_week = evidence.as_of_week
left join counted_now on chosen.place = counted_now.place
left join raw.organizations on chosen.organization_id = organizations.organization_id
left join mixes on chosen.organization_id = mixes.organization_id
order by chosen.place
