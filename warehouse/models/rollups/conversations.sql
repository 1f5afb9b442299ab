-- One row per act of an outsider towards a listed organization: was it answered, and when?
-- An answer is the first act of the organization or its staff that replies to it (trees), or
-- that comes later in its thread (lists: forums, issue trackers). Until when we would have seen
-- an answer is `observed_until`: the last moment for which the whole thread is known. A thread
-- that hides replies is known for no moment, so that nothing in it counts as unanswered.
-- Window: what was said before `as_of`, in the weeks of which facts hold single acts; times UTC.
-- NULL: answer_key, answered_at and answered_by without an answer; observed_until when the thread
-- is not known whole; peer_answered_at when no other outsider has answered.
with clock as (
    from staging.clock
),

channels as (
    from staging.channels
    where may_derive
),

inbound as (
    select
        acts.*,
        channels.organization_id,
        channels.channel_id,
        clock.as_of,
    from facts.acts
    join channels on acts.channel_key = channels.channel_key
    cross join clock
    where acts.direction = 'to_organization' and acts.occurred_at < clock.as_of
),

-- Of a page that was confirmed later (a 304) the last confirmation counts.
listings as (
    select
        channel_id,
        observed_at,
        last_value(
            case when parser <> '' and not is_delta then page_id end ignore nulls
        ) over (partition by channel_id order by observed_at) as document_page_id,
    from raw.listings
    where channel_id in (select channel_id from channels where is_dialogue)
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

spanned as (
    select
        inbound.*,
        case when inbound.occurred_at <= vouched.until_at then vouched.until_at end
            as vouched_until,
    from inbound
    left join vouched
        on inbound.channel_key = vouched.channel_key
        and inbound.occurred_at >= vouched.from_at
        and inbound.occurred_at < vouched.next_from_at
),

-- An answer may be known that came after the moment of the build.
known as (
    select
        spanned.*,
        answers.act_key is not null and answers.answered_at < spanned.as_of as is_answered,
        case when is_answered then answers.answer_key end as answer_key,
        case when is_answered then answers.answered_at end as answered_at,
        case when is_answered then answers.answered_by::varchar else '' end as answered_by,
        case when answers.peer_answered_at < spanned.as_of then answers.peer_answered_at end
            as peer_answered_at,
        case
            when threads.is_truncated then spanned.vouched_until
            else greatest(threads.known_until, spanned.vouched_until)
        end as known_until,
        coalesce(not threads.is_truncated, false) or spanned.vouched_until is not null as is_whole,
    from spanned
    left join facts.answers on spanned.act_key = answers.act_key
    left join threads on spanned.thread_key = threads.thread_key
)

select
    organization_id,
    channel_id,
    organization_key,
    channel_key,
    act_key,
    thread_key,
    author_number,
    is_question,
    parent_key is null or parent_key = act_key as is_opening,
    found_through,
    week,
    occurred_at,
    answer_key,
    answered_at,
    answered_by,
    case
        when is_whole then least(greatest(known_until, answered_at), as_of)
    end as observed_until,
    peer_answered_at,
    case
        when answered_at is not null then 'answered'
        when not is_whole or known_until is null then 'unseen'
        else 'open'
    end as answer_state,
from known
