-- active_platforms, official_channels, functional_channel_share, profile_complete_share,
-- verified_share: where an organization is found, and how well it keeps its places.
-- The first counts sources with an original post, of those of which something was seen (n). The
-- channels of the second and third are those of the list, whatever may be derived from them: the
-- list is whole by definition, so their coverage is 1. A profile's share is that of its marks
-- which are there, of those that were shown; the signal is their mean over the n channels that
-- show a mark, while numerator and denominator add up all marks. Of the last two, coverage_share
-- is the share of channels of which a mark, or a proof or its lack, is known.
-- Window: the 13 full weeks up to `as_of_week`, UTC, for posts; the latest look for profiles.
-- NULL: absent = no channel (no official one, none in which it publishes) that could carry it;
-- unobserved = none of these was seen. Interval: Wilson for shares of channels.
with active as (
    select distinct channel_key
    from facts.channel_weeks
    where
        week > getvariable('as_of_week') - 13 * 7
        and week <= getvariable('as_of_week')
        and post_count > 0
),

sources as (
    select
        coverage.organization_id,
        coverage.source,
        sum(coverage.late_day_count) as seen_day_count,
        sum(coverage.half_day_count) as day_count,
        bool_or(active.channel_key is not null) as is_active,
    from rollups.coverage
    left join active on coverage.channel_key = active.channel_key
    where coverage.is_publishing
    group by coverage.organization_id, coverage.source
),

platforms as (
    select
        organization_id,
        sum(seen_day_count) / sum(day_count) as coverage_share,
        count(*) filter (seen_day_count > 0) as readable_count,
        count(*) filter (seen_day_count > 0 and is_active) as active_count,
    from sources
    group by organization_id
),

inventories as (
    select
        organization_id,
        count(*) as channel_count,
        count(*) filter (role = 'official') as official_count,
        count(*) filter (role = 'official' and function <> '') as functional_count,
    from staging.channels
    group by organization_id
),

marks as (
    select
        organization_id,
        is_verified,
        list_filter(
            [has_description, has_site_link, has_avatar, has_contact, has_rules, is_linked_back],
            lambda mark: mark is not null
        ) as shown,
    from rollups.profiles
    where is_publishing
),

-- Sixtieths: every share of one to six marks is a whole number of them, so that nothing is
-- rounded before the mean.
profiles as (
    select
        organization_id,
        is_verified,
        len(shown) as shown_count,
        len(list_filter(shown, lambda mark: mark)) as present_count,
        present_count * 60 // nullif(shown_count, 0) as sixtieths,
    from marks
),

totals as (
    select
        organization_id,
        count(*) as channel_count,
        count(sixtieths) as marked_count,
        sum(sixtieths) as sixtieths,
        sum(present_count) as present_count,
        sum(shown_count) as shown_count,
        count(*) filter (is_verified) as verified_count,
        count(is_verified) as known_count,
    from profiles
    group by organization_id
),

measured as (
    select
        organization_id,
        'active_platforms' as signal_code,
        case when readable_count > 0 then active_count end as value,
        value as numerator,
        null as denominator,
        readable_count as n,
        null as lower,
        null as upper,
        coverage_share,
    from platforms
    union all by name
    select
        organization_id,
        'official_channels' as signal_code,
        official_count as value,
        official_count as numerator,
        channel_count as n,
        1.0 as coverage_share,
    from inventories
    union all by name
    select
        organization_id,
        'functional_channel_share' as signal_code,
        functional_count / official_count as value,
        functional_count as numerator,
        official_count as denominator,
        official_count as n,
        statistics.wilson_lower(functional_count, official_count) as lower,
        statistics.wilson_upper(functional_count, official_count) as upper,
        1.0 as coverage_share,
    from inventories
    where official_count > 0
    union all by name
    select
        organization_id,
        'profile_complete_share' as signal_code,
        sixtieths / (60 * nullif(marked_count, 0)) as value,
        present_count as numerator,
        shown_count as denominator,
        marked_count as n,
        marked_count / channel_count as coverage_share,
    from totals
    union all by name
    select
        organization_id,
        'verified_share' as signal_code,
        verified_count / nullif(known_count, 0) as value,
        verified_count as numerator,
        known_count as denominator,
        known_count as n,
        statistics.wilson_lower(verified_count, known_count) as lower,
        statistics.wilson_upper(verified_count, known_count) as upper,
        known_count / channel_count as coverage_share,
    from totals
),

codes as (
    select unnest([
        'active_platforms',
        'official_channels',
        'functional_channel_share',
        'profile_complete_share',
        'verified_share',
    ]) as signal_code
)

select
    organizations.organization_id,
    13 as window_weeks,
    codes.signal_code,
    measured.value,
    measured.numerator,
    measured.denominator,
    coalesce(measured.n, 0) as n,
    measured.lower,
    measured.upper,
    measured.coverage_share,
    false as is_pooled,
    case
        when measured.organization_id is null then 'absent'
        when measured.value is null then 'unobserved'
        else ''
    end as missing_reason,
    'presence-1' as method_version,
from staging.organizations
cross join codes
left join measured
    on organizations.organization_id = measured.organization_id
    and codes.signal_code = measured.signal_code
