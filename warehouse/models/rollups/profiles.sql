-- One row per listed channel: what its profile last showed, mark by mark. One look seldom shows
-- all (a server's rules stand on another page than the account), so each mark and count is the
-- latest that is known, however long ago; of two looks at one moment the one that shows more
-- counts, whatever their order. Of channels from which nothing may be derived (R18)
-- nothing is told.
-- Window: every look before `as_of`; times UTC.
-- NULL: never shown; observed_at = no look. verification is '' where no proof was found.
with looks as (
    select
        presences.channel_id,
        presences.observed_at,
        max(presences.follower_count) as follower_count,
        max(presences.member_count) as member_count,
        max(presences.is_verified) as is_verified,
        max(presences.verification) as verification,
        max(presences.has_description) as has_description,
        max(presences.has_site_link) as has_site_link,
        max(presences.has_avatar) as has_avatar,
        max(presences.has_contact) as has_contact,
        max(presences.has_rules) as has_rules,
        max(presences.is_linked_back) as is_linked_back,
    from raw.presences
    join staging.channels on presences.channel_id = channels.channel_id
    where channels.may_derive and presences.observed_at < getvariable('as_of')
    group by presences.channel_id, presences.observed_at
),

-- A mark that is NULL is no candidate.
latest as (
    select
        channel_id,
        max(observed_at) as observed_at,
        arg_max(follower_count, observed_at) as follower_count,
        arg_max(member_count, observed_at) as member_count,
        arg_max(is_verified, observed_at) as is_verified,
        arg_max(verification, observed_at) filter (is_verified is not null) as verification,
        arg_max(has_description, observed_at) as has_description,
        arg_max(has_site_link, observed_at) as has_site_link,
        arg_max(has_avatar, observed_at) as has_avatar,
        arg_max(has_contact, observed_at) as has_contact,
        arg_max(has_rules, observed_at) as has_rules,
        arg_max(is_linked_back, observed_at) as is_linked_back,
    from looks
    group by channel_id
)

select
    channels.organization_id,
    channels.channel_id,
    channels.is_publishing,
    channels.is_dialogue,
    latest.observed_at,
    latest.follower_count,
    latest.member_count,
    latest.is_verified,
    coalesce(latest.verification, '') as verification,
    latest.has_description,
    latest.has_site_link,
    latest.has_avatar,
    latest.has_contact,
    latest.has_rules,
    latest.is_linked_back,
from staging.channels
left join latest on channels.channel_id = latest.channel_id
