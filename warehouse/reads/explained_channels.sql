-- The listed channels of $organization_id and which days of them were seen, from $from_day to
-- $until_day, by what is known now. Only where nobody but the organization speaks (a feed) its page
-- may be shown: is_quiet.
-- NULL: first_seen_on and last_seen_on of a channel of which no day was seen.
with spans as (
    select
        seen_spans.channel_id,
        min(greatest(from_day, $from_day::date)) as first_seen_on,
        max(least(until_day, $until_day::date)) as last_seen_on,
        sum(least(until_day, $until_day::date) - greatest(from_day, $from_day::date) + 1)
            as seen_day_count,
    from raw.seen_spans
    where from_day <= $until_day::date and until_day >= $from_day::date
    group by seen_spans.channel_id
)

select
    channels.channel_id,
    channels.source,
    channels.address,
    channels.role,
    channels.function,
    spans.first_seen_on,
    spans.last_seen_on,
    coalesce(spans.seen_day_count, 0)::integer as seen_day_count,
    $until_day::date - $from_day::date + 1 as day_count,
    coalesce(cursors.last_outcome, '') as last_outcome,
    coalesce(cursors.last_error, '') as last_error,
    not coalesce(sources.shows_dialogue, true) and channels.role = 'official' as is_quiet,
    coalesce(sources.may_derive, false) as may_derive,
from raw.channels
left join raw.cursors on channels.channel_id = cursors.channel_id
left join raw.sources on channels.source = sources.source
left join spans on channels.channel_id = spans.channel_id
where
    channels.organization_id = $organization_id
    and channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
order by channels.source, channels.address
