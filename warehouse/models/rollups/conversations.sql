-- One row per act of an outsider towards a listed organization: was it answered, and when?
-- An answer is the first act of the organization or its staff that replies to it (trees), or
-- that comes later in its thread (lists: forums, issue trackers). Until when we would have seen
-- an answer is `observed_until`: the last moment for which the whole thread is known. A thread
-- that hides replies is known for no moment, so that nothing in it counts as unanswered.
-- Window: what was said before `as_of`, in the weeks of which facts hold single acts; times UTC.
-- NULL: answer_key, answered_at and answered_by without an answer; observed_until when the thread
-- is not known whole; peer_answered_at when no other outsider has answered.
with listings as (
    select
        channel_id,
        observed_at,
        last_value(
            case when parser <> '' and not is_delta then page_id end ignore nulls
        ) over (partition by channel_id order by observed_at) as document_page_id,
    from raw.listings
    where channel_id in (select channel_id from staging.channels where is_dialogue)
),

confirmations as (
    select
        channel_id,
        document_page_id,
        max(observed_at) as confirmed_at,
    from listings
    group by all
),

-- A list that mentions a thread with the replies that were read confirms it; a list that says
-- there are none has read it whole.
threads as (
    select
        hash(threads.thread_id) as thread_key,
        threads.is_truncated,
        case
            when
                threads.listed_reply_count = coalesce(threads.read_reply_count, 0)
                and (threads.read_at is not null or threads.listed_reply_count = 0)
                then greatest(threads.read_at, threads.listed_at, confirmations.confirmed_at)
            else threads.read_at
        end as known_until,
    from raw.threads
    left join confirmations
        on threads.channel_id = confirmations.channel_id
        and threads.listed_page_id = confirmations.document_page_id
),

-- What an import vouches for, conversations included: up to when, of what was said since a moment.
-- Of all spans that have begun by then, the one that reaches farthest tells whether it was in one.
vouched as (
    select
        hash(channel_id) as channel_key,
        from_at,
        lead(from_at, 1, 'infinity') over channel as next_from_at,
        max(max(until_at)) over channel as until_at,
    from raw.periods
    where is_dialogue_whole
    group by channel_id, from_at
    window channel as (partition by channel_id order by from_at)
),

-- Channels come last: joined first, their keys, which are hashes, make the planner expect one row.
inbound as (
    select
        acts.*,
        answers.answer_key,
        answers.answered_at,
        answers.answered_by,
        answers.peer_answered_at,
        threads.is_truncated,
        threads.known_until as read_until,
        case when acts.occurred_at <= vouched.until_at then vouched.until_at end as vouched_until,
    from facts.acts
    left join facts.answers on acts.act_key = answers.act_key
    left join threads on acts.thread_key = threads.thread_key
    left join vouched
        on acts.channel_key = vouched.channel_key
        and acts.occurred_at >= vouched.from_at
        and acts.occurred_at < vouched.next_from_at
    where acts.direction = 'to_organization'
),

-- An answer may be known that came after the moment of the build.
known as (
    select
        inbound.*,
        clock.as_of,
        answered_at < as_of as is_answered,
        case when is_answered then answered_at end as first_answered_at,
        case
            when is_truncated then vouched_until
            else greatest(read_until, vouched_until)
        end as known_until,
        coalesce(not is_truncated, false) or vouched_until is not null as is_whole,
    from inbound
    cross join staging.clock
    where occurred_at < as_of
)

select
    channels.organization_id,
    channels.channel_id,
    known.organization_key,
    known.channel_key,
    known.act_key,
    known.thread_key,
    known.author_number,
    known.is_question,
    known.parent_key is null or known.parent_key = known.act_key as is_opening,
    known.found_through,
    known.week,
    known.occurred_at,
    case when known.is_answered then known.answer_key end as answer_key,
    known.first_answered_at as answered_at,
    case when known.is_answered then known.answered_by::varchar else '' end as answered_by,
    case
        when known.is_whole
            then least(greatest(known.known_until, known.first_answered_at), known.as_of)
    end as observed_until,
    case when known.peer_answered_at < known.as_of then known.peer_answered_at end
        as peer_answered_at,
    case
        when known.is_answered then 'answered'
        when not known.is_whole or known.known_until is null then 'unseen'
        else 'open'
    end as answer_state,
from known
join staging.channels on known.channel_key = channels.channel_key
where channels.may_derive
