-- The share of a complete profile counts what the platform could show.
select
    organization_id,
    channel_id,
    observed_at,
    follower_count,
    member_count,
    active_member_count,
    active_days,
    contributor_count,
    post_count,
    is_verified,
    verification,
    has_description,
    has_site_link,
    has_avatar,
    has_contact,
    has_rules,
    is_linked_back,
    list_avg(list_filter(
        [has_description, has_site_link, has_avatar, has_contact, has_rules, is_linked_back],
        lambda mark: mark is not null
    )::double[]) as profile_complete_share,
    page_id,
from raw.presences
