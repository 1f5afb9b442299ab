-- An activity is known by its identity. Seen again, it keeps its first page, first sight and
-- first trustworthy date (a feed that rewrites pubDate at every build makes nothing new);
-- the rest follows the newest page, and a changed fingerprint counts as an edit.
-- A landed batch has each activity once (the parser keeps the newest), so nothing is sorted here.
-- Some feeds give an entry a new identifier: what stood in the channel's last document, is gone
-- from this one, and has its very text and date again under another name is the same activity.
-- `former` is the row that was known before, NULL for what is new.
create or replace temp table renewed as
with closed as (
    select distinct
        channel_id,
        week,
    from raw.purged_weeks
    where person_act_count > 0
),

-- What persons did in a week of a channel that has been purged is not taken in again (rule R7).
landed as (
    from read_parquet($landed) as landed
    anti join closed
        on landed.channel_id = closed.channel_id
        and date_trunc('week', coalesce(landed.occurred_at, landed.first_seen_at))::date
            = closed.week
        and landed.author_role <> 'organization'
        and landed.kind <> ''
),

fresh as (
    from landed
    anti join raw.activities on landed.activity_id = activities.activity_id
    where
        -- interfaces have identifiers of their own; only documents rename entries
        landed.listed_in = '' and not landed.is_repeated and landed.text_length > 0
),

last_looks as (
    select
        channel_id,
        max(last_listed_at) as last_listed_at,
    from raw.activities
    where channel_id in (select channel_id from fresh)
    group by channel_id
),

renamed as (
    select
        min(fresh.activity_id) as landed_id,
        former.activity_id,
    from raw.activities as former
    semi join last_looks
        on former.channel_id = last_looks.channel_id
        and former.last_listed_at = last_looks.last_listed_at
    join fresh
        on former.channel_id = fresh.channel_id
        and former.content_fingerprint = fresh.content_fingerprint
        and former.text_length = fresh.text_length
        and former.published_at is not distinct from fresh.published_at
    where former.activity_id not in (select activity_id from landed)
    group by former.activity_id
    -- one new name for one old one
    qualify row_number() over (partition by landed_id order by former.activity_id) = 1
),

seen as (
    select landed.* replace (coalesce(renamed.activity_id, landed.activity_id) as activity_id),
    from landed
    left join renamed on landed.activity_id = renamed.landed_id
),

-- By their places: of a large table, the columns of a few rows are read and no others.
former_rows as (
    from raw.activities
    where
        rowid in (
            select activities.rowid
            from raw.activities
            semi join seen on activities.activity_id = seen.activity_id
        )
),

paired as (
    select
        seen,
        known,
        known.activity_id is not null as is_known,
        -- Of two channels, or of a list and a thread, the list is where it belongs; and what was
        -- found by its answer alone counts when its thread is read.
        known.activity_id is null
            or (seen.found_through = 'listing' and known.found_through <> 'listing') as is_moved,
    from seen
    left join former_rows as known on seen.activity_id = known.activity_id
),

renewed as (
    select
        seen.activity_id,
        case when is_moved then seen.channel_id else known.channel_id end as channel_id,
        case when is_known then known.organization_id else seen.organization_id end
            as organization_id,
        seen.kind,
        seen.direction,
        coalesce(known.occurred_at, seen.occurred_at) as occurred_at,
        seen.published_at,
        seen.updated_at,
        coalesce(known.first_seen_at, seen.first_seen_at) as first_seen_at,
        greatest(known.last_listed_at, seen.first_seen_at) as last_listed_at,
        case
            when known.occurred_at is null then seen.time_precision else known.time_precision
        end as time_precision,
        case
            when known.published_at is distinct from seen.published_at and known.occurred_at is not null
                then 'rewritten'
            when known.occurred_at is not null then known.date_flag
            else seen.date_flag
        end as date_flag,
        coalesce(known.identity_basis, seen.identity_basis) as identity_basis,
        seen.is_repeated,
        coalesce(known.author_key, seen.author_key) as author_key,
        seen.author_role,
        seen.author_evidence,
        coalesce(nullif(seen.parent_id, ''), known.parent_id, '') as parent_id,
        coalesce(nullif(seen.thread_id, ''), known.thread_id, '') as thread_id,
        -- not every page knows the conversation
        coalesce(nullif(seen.thread_shape, ''), known.thread_shape, '') as thread_shape,
        case when is_moved then seen.listed_in else known.listed_in end as listed_in,
        case
            when 'listing' in (seen.found_through, known.found_through) then 'listing'
            when 'thread' in (seen.found_through, known.found_through) then 'thread'
            else seen.found_through
        end as found_through,
        seen.is_question,
        coalesce(seen.is_accepted_answer, known.is_accepted_answer) as is_accepted_answer,
        seen.language,
        seen.text_length,
        seen.link_host,
        seen.link_key,
        seen.content_fingerprint,
        seen.text_sketch,
        case
            when not is_known then 0
            else known.edit_count
                + case when known.content_fingerprint <> seen.content_fingerprint then 1 else 0 end
        end as edit_count,
        coalesce(seen.like_count, known.like_count) as like_count,
        coalesce(seen.reply_count, known.reply_count) as reply_count,
        coalesce(seen.repost_count, known.repost_count) as repost_count,
        coalesce(known.page_id, seen.page_id) as page_id,
        seen.page_id as last_page_id,
        seen.connector_version,
        seen.first_seen_at as looked_at,
        case when is_known then known end as former,
    from paired
)

-- Only what signals read makes a version; counters are kept apart, for they move at every look.
select
    *,
    former is not null and (
        former.channel_id,
        former.listed_in,
        former.found_through,
        former.kind,
        former.direction,
        former.occurred_at,
        former.time_precision,
        former.is_repeated,
        former.author_role,
        former.parent_id,
        former.thread_id,
        former.thread_shape,
        former.is_question,
        former.is_accepted_answer,
        former.content_fingerprint,
        former.link_key,
        former.text_sketch
    ) is distinct from (
        channel_id,
        listed_in,
        found_through,
        kind,
        direction,
        occurred_at,
        time_precision,
        is_repeated,
        author_role,
        parent_id,
        thread_id,
        thread_shape,
        is_question,
        is_accepted_answer,
        content_fingerprint,
        link_key,
        text_sketch
    ) as is_changed,
    former is not null and (
        former.like_count,
        former.reply_count,
        former.repost_count
    ) is distinct from (
        like_count,
        reply_count,
        repost_count
    ) as is_recounted,
from renewed
