-- One row per reply of an organization in a channel in which its replies can be seen: a reply,
-- comment, answer or review of it or its staff; and what is known of what it replied to. Who
-- continues an own thread of posts (the parent in a tree is its own) replies to nobody.
-- Window: the 13 full weeks up to `as_of_week`; what a reply continues or answers may be of the 13
-- weeks before; weeks start on Monday, UTC.
-- NULL: parent_direction when nothing is known of what it replied to.
with channels as (
    select channel_key
    from rollups.coverage
    where is_dialogue
),

said as (
    select
        organization_key,
        occurred_at,
        parent_key,
        thread_shape,
        time_precision,
    from facts.acts
    where
        direction = 'by_organization'
        and kind = 'reply'
        and week > getvariable('as_of_week') - 13 * 7
        and week <= getvariable('as_of_week')
        and channel_key in (from channels)
),

parents as (
    select
        act_key,
        direction,
    from facts.acts
    where
        kind not in ('repost', 'bot_reply')
        and week > getvariable('as_of_week') - 26 * 7
        and week <= getvariable('as_of_week')
        and channel_key in (from channels)
)

select
    said.organization_key,
    said.occurred_at,
    said.time_precision,
    parents.direction as parent_direction,
    coalesce(
        said.thread_shape = 'tree'
        and parents.direction = 'by_organization',
        false
    ) as is_continuing,
from said
left join parents on said.parent_key = parents.act_key
