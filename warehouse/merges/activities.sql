-- An activity is known by its identity. Seen again, it keeps its first page, first sight and
-- first trustworthy date (a feed that rewrites pubDate at every build makes nothing new);
-- the rest follows the newest page, and a changed fingerprint counts as an edit.
-- A landed batch has each activity once (the parser keeps the newest), so nothing is sorted here.
-- Some feeds give an entry a new identifier: what stood in the channel's last document, is gone
-- from this one, and has its very text and date again under another name is the same activity.
merge into raw.activities as known
using (
    with landed as (
        from read_parquet($landed)
    ),

    fresh as (
        from landed
        where
            -- interfaces have identifiers of their own; only documents rename entries
            listed_in = '' and not is_repeated and text_length > 0
            and activity_id not in (select activity_id from raw.activities)
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
    )

    select landed.* replace (coalesce(renamed.activity_id, landed.activity_id) as activity_id),
    from landed
    left join renamed on landed.activity_id = renamed.landed_id
) as seen
on known.activity_id = seen.activity_id
when matched then update set
    -- Of two channels, or of a list and a thread, the list is where it belongs; and what was found
    -- by its answer alone counts when its thread is read.
    channel_id = case
        when seen.found_through = 'listing' and known.found_through <> 'listing'
            then seen.channel_id
        else known.channel_id
    end,
    listed_in = case
        when seen.found_through = 'listing' and known.found_through <> 'listing'
            then seen.listed_in
        else known.listed_in
    end,
    found_through = case
        when 'listing' in (seen.found_through, known.found_through) then 'listing'
        when 'thread' in (seen.found_through, known.found_through) then 'thread'
        else known.found_through
    end,
    kind = seen.kind,
    direction = seen.direction,
    author_role = seen.author_role,
    author_evidence = seen.author_evidence,
    -- not every page knows the conversation
    thread_shape = coalesce(nullif(seen.thread_shape, ''), known.thread_shape),
    is_accepted_answer = coalesce(seen.is_accepted_answer, known.is_accepted_answer),
    occurred_at = coalesce(known.occurred_at, seen.occurred_at),
    published_at = seen.published_at,
    updated_at = seen.updated_at,
    last_listed_at = greatest(known.last_listed_at, seen.first_seen_at),
    time_precision = case
        when known.occurred_at is null then seen.time_precision else known.time_precision
    end,
    date_flag = case
        when known.published_at is distinct from seen.published_at and known.occurred_at is not null
            then 'rewritten'
        when known.occurred_at is not null then known.date_flag
        else seen.date_flag
    end,
    is_repeated = seen.is_repeated,
    parent_id = coalesce(nullif(seen.parent_id, ''), known.parent_id),
    thread_id = coalesce(nullif(seen.thread_id, ''), known.thread_id),
    is_question = seen.is_question,
    language = seen.language,
    text_length = seen.text_length,
    link_host = seen.link_host,
    edit_count = known.edit_count
        + case when known.content_fingerprint <> seen.content_fingerprint then 1 else 0 end,
    content_fingerprint = seen.content_fingerprint,
    like_count = coalesce(seen.like_count, known.like_count),
    reply_count = coalesce(seen.reply_count, known.reply_count),
    repost_count = coalesce(seen.repost_count, known.repost_count),
    last_page_id = seen.page_id,
    connector_version = seen.connector_version
when not matched then insert (
    activity_id, channel_id, organization_id, kind, direction,
    occurred_at, published_at, updated_at, first_seen_at, last_listed_at,
    time_precision, date_flag, identity_basis, is_repeated,
    author_key, author_role, author_evidence,
    parent_id, thread_id, thread_shape, listed_in, found_through,
    is_question, is_accepted_answer, language, text_length,
    link_host, content_fingerprint, edit_count,
    like_count, reply_count, repost_count, page_id, last_page_id, connector_version
) values (
    seen.activity_id, seen.channel_id, seen.organization_id, seen.kind, seen.direction,
    seen.occurred_at, seen.published_at, seen.updated_at, seen.first_seen_at, seen.first_seen_at,
    seen.time_precision, seen.date_flag, seen.identity_basis, seen.is_repeated,
    seen.author_key, seen.author_role, seen.author_evidence,
    seen.parent_id, seen.thread_id, seen.thread_shape, seen.listed_in, seen.found_through,
    seen.is_question, seen.is_accepted_answer, seen.language, seen.text_length,
    seen.link_host, seen.content_fingerprint, 0,
    seen.like_count, seen.reply_count, seen.repost_count, seen.page_id, seen.page_id,
    seen.connector_version
)
