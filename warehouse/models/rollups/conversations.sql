-- One row per act of an outsider towards a listed organization: was it answered, and when?
-- An answer is the first act of the organization or its staff that replies to it (trees), or
-- that comes later in its thread (lists: forums, issue trackers). Until when we would have seen
-- an answer is `observed_until`: the last moment for which the whole thread is known. A thread
-- that hides replies is known for no moment, so that nothing in it counts as unanswered.
-- Window: what was known at `known_at` of the time before `as_of`; times UTC.
-- NULL: answer_id and answered_at without an answer; observed_until when the thread is not known
-- whole.
with acts as (
    select activities.*
    from raw.activities
    join staging.channels on activities.channel_id = channels.channel_id
    join staging.sources on channels.source = sources.source
    where
        sources.may_derive
        and not activities.is_repeated
        and activities.occurred_at is not null
        and activities.occurred_at < getvariable('as_of')
        and activities.first_seen_at <= getvariable('known_at')
),

inbound as (
    select *
    from acts
    where direction = 'to_organization'
),

said as (
    select *
    from acts
    where direction = 'by_organization'
),

-- A list that mentions a thread with the replies that were read confirms it; a list that says
-- there are none has read it whole. The list's own page may be confirmed later (a 304).
known_until as (
    select
        threads.thread_id,
        threads.is_truncated,
        case
            when
                threads.listed_reply_count = coalesce(threads.read_reply_count, 0)
                and (threads.read_at is not null or threads.listed_reply_count = 0)
                then greatest(
                    threads.read_at,
                    threads.listed_at,
                    case
                        when cursors.document_page_id = threads.listed_page_id
                            then cursors.last_seen_at
                    end
                )
            else threads.read_at
        end as known_until,
    from raw.threads
    left join raw.cursors on threads.channel_id = cursors.channel_id
),

replies as (
    select
        inbound.activity_id,
        said.activity_id as answer_id,
        said.occurred_at as answered_at,
        said.author_role as answered_by,
    from inbound
    join said
        on inbound.thread_shape = 'tree'
        and inbound.activity_id = said.parent_id
        and inbound.organization_id = said.organization_id
        and said.occurred_at >= inbound.occurred_at
    union all
    select
        inbound.activity_id,
        said.activity_id as answer_id,
        said.occurred_at as answered_at,
        said.author_role as answered_by,
    from inbound
    join said
        on inbound.thread_shape = 'list'
        and inbound.thread_id = said.thread_id
        and inbound.organization_id = said.organization_id
        and said.occurred_at > inbound.occurred_at
),

answers as (
    select
        activity_id,
        arg_min(answer_id, (answered_at, answer_id)) as answer_id,
        min(answered_at) as answered_at,
        arg_min(answered_by, (answered_at, answer_id)) as answered_by,
    from replies
    group by activity_id
)

select
    inbound.organization_id,
    inbound.channel_id,
    inbound.activity_id,
    inbound.thread_id,
    inbound.kind,
    inbound.author_key,
    inbound.is_question,
    inbound.found_through,
    inbound.occurred_at,
    answers.answer_id,
    answers.answered_at,
    coalesce(answers.answered_by, '') as answered_by,
    case
        when not coalesce(known_until.is_truncated, true)
            then least(
                greatest(known_until.known_until, answers.answered_at), getvariable('as_of')
            )
    end as observed_until,
    case
        when answers.answered_at is not null then 'answered'
        when coalesce(known_until.is_truncated, true) or known_until.known_until is null
            then 'unseen'
        else 'open'
    end as answer_state,
from inbound
left join answers on inbound.activity_id = answers.activity_id
left join known_until on inbound.thread_id = known_until.thread_id
