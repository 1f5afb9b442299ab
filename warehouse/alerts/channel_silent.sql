-- One row per listed channel that has been silent for $clear_days days or more, or has an open alert:
-- is its silence longer than its own rhythm lets expect? That is $gaps times its median gap, and
-- $least_days days at least, counted in days that were seen.
-- An act is one of the organization; in a community, anybody's. Silence counts only where it began
-- while the channel was watched, and only after $least_act_count acts. Accounts of staff are left
-- out: that somebody is silent is that person's business.
-- Window: acts of 400 days before $moment.
-- NULL: median_gap_days never where the state is not 'clear'.
with watched as (
    select
        channels.channel_id,
        channels.organization_id,
        channels.source,
        channels.address,
        channels.role,
        channels.first_listed_at,
        organizations.name,
    from raw.channels
    join raw.organizations on channels.organization_id = organizations.organization_id
    where
        channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
        and channels.listed_by <> 'import'
        and channels.role <> 'staff-list'
),

acts as (
    select
        activities.channel_id,
        activities.occurred_at,
    from raw.activities
    join watched on activities.channel_id = watched.channel_id
    where
        (activities.direction = 'by_organization' or watched.role = 'community')
        and not activities.is_repeated
        and activities.occurred_at > $moment - interval 400 day
        and activities.occurred_at <= $moment
),

last_acts as (
    select
        channel_id,
        max(occurred_at) as last_act_at,
        count(*) as act_count,
    from acts
    group by channel_id
),

open_alerts as (
    select subject_id as channel_id
    from raw.alerts
    where condition_code = 'channel_silent' and recovered_at is null
),

candidates as (
    select *
    from last_acts
    where
        last_act_at < $moment - $clear_days::integer * interval 1 day
        or channel_id in (select channel_id from open_alerts)
),

gaps as (
    select
        acts.channel_id,
        epoch(
            acts.occurred_at - lag(acts.occurred_at) over (
                partition by acts.channel_id order by acts.occurred_at
            )
        ) / 86400 as gap_days,
    from acts
    semi join candidates on acts.channel_id = candidates.channel_id
),

rhythms as (
    select
        channel_id,
        median(gap_days) as median_gap_days,
    from gaps
    group by channel_id
),

silences as (
    select
        candidates.channel_id,
        coalesce(sum(
            seen_spans.until_day
            - greatest(seen_spans.from_day, candidates.last_act_at::date + 1)
            + 1
        ), 0) as seen_day_count,
    from candidates
    left join raw.seen_spans
        on candidates.channel_id = seen_spans.channel_id
        and seen_spans.until_day > candidates.last_act_at::date
    group by candidates.channel_id
),

judged as (
    select
        candidates.*,
        watched.* exclude (channel_id),
        rhythms.median_gap_days,
        silences.seen_day_count,
        greatest($least_days, $gaps * coalesce(rhythms.median_gap_days, 0)) as limit_days,
    from candidates
    join watched on candidates.channel_id = watched.channel_id
    join silences on candidates.channel_id = silences.channel_id
    left join rhythms on candidates.channel_id = rhythms.channel_id
)

select
    'channel' as subject_kind,
    channel_id as subject_id,
    organization_id,
    case
        when seen_day_count < $clear_days then 'clear'
        when
            seen_day_count > limit_days
            and act_count >= $least_act_count
            and last_act_at + to_seconds(86400 * limit_days) > first_listed_at
            then 'raised'
        else 'between'
    end as state,
    seen_day_count::double as value,
    limit_days as limit_value,
    name,
    source,
    address,
    last_act_at,
    act_count,
    median_gap_days,
from judged
order by channel_id
