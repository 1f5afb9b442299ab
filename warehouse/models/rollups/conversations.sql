-- One row per act of an outsider towards a listed organization: was it answered, and when?
-- An answer is the first act of the organization or its staff that replies to it (trees), or
-- that comes later in its thread (lists: forums, issue trackers). Until when we would have seen
-- an answer is `observed_until`: the last moment for which the whole thread is known. A thread
-- that hides replies is known for no moment, so that nothing in it counts as unanswered.
-- Window: acts since `conversations_from`, and what was said before `as_of`; times UTC.
-- NULL: answer_key and answered_at without an answer; observed_until when the thread is not known
-- whole; peer_answered_at when no other outsider has answered.
with channels as (
    from staging.channels
    where may_derive
),

acts as (
    select acts.*
    from facts.acts
    semi join channels on acts.channel_id = channels.channel_id
    where
        acts.occurred_at >= getvariable('conversations_from')
        and acts.occurred_at < getvariable('as_of')
        and acts.direction in ('to_organization', 'by_organization', 'among_others')
),

inbound as (
    from acts
    where direction = 'to_organization'
),

said as (
    from acts
    where direction = 'by_organization'
),

-- Lists: the next act of the organization in the thread; of several at one moment always the same.
turns as (
    select
        organization_id,
        thread_key,
        occurred_at,
        min(act_key) as act_key,
        arg_min(author_role, act_key) as author_role,
    from said
    where thread_key is not null
    group by all
),

answered_in_list as (
    select
        inbound.act_key,
        turns.act_key as answer_key,
        turns.occurred_at as answered_at,
        turns.author_role as answered_by,
    from inbound
    asof join turns
        on inbound.organization_id = turns.organization_id
        and inbound.thread_key = turns.thread_key
        and inbound.occurred_at < turns.occurred_at
    where inbound.thread_shape = 'list'
),

answered_in_tree as (
    select
        inbound.act_key,
        arg_min(said.act_key, (said.occurred_at, said.act_key)) as answer_key,
        min(said.occurred_at) as answered_at,
        arg_min(said.author_role, (said.occurred_at, said.act_key)) as answered_by,
    from inbound
    join said
        on inbound.act_key = said.parent_key
        and inbound.organization_id = said.organization_id
        and inbound.occurred_at <= said.occurred_at
    where inbound.thread_shape = 'tree'
    group by inbound.act_key
),

answers as (
    from answered_in_list
    union all
    from answered_in_tree
),

questions as (
    from inbound
    where is_question and author_number is not null
),

peers as (
    from acts
    where
        author_role = 'outsider'
        and author_number is not null
        and kind not in ('repost', 'bot_reply')
),

peer_answers as (
    select
        questions.act_key,
        min(peers.occurred_at) as peer_answered_at,
    from questions
    join peers
        on questions.thread_key = peers.thread_key
        and questions.occurred_at < peers.occurred_at
        and questions.author_number <> peers.author_number
        and (questions.thread_shape = 'list' or questions.act_key = peers.parent_key)
    group by questions.act_key
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

-- What an import vouches for, conversations included.
periods as (
    select
        periods.channel_id,
        periods.from_at,
        max(periods.until_at) as until_at,
    from raw.periods
    where is_dialogue_whole
    group by all
),

vouched as (
    select
        inbound.act_key,
        max(periods.until_at) as known_until,
    from inbound
    join periods
        on inbound.channel_id = periods.channel_id
        and inbound.occurred_at >= periods.from_at
        and inbound.occurred_at <= periods.until_at
    group by inbound.act_key
),

known as (
    select
        inbound.*,
        answers.answer_key,
        answers.answered_at,
        coalesce(answers.answered_by, '') as answered_by,
        peer_answers.peer_answered_at,
        case
            when threads.is_truncated then vouched.known_until
            else greatest(threads.known_until, vouched.known_until)
        end as known_until,
        coalesce(not threads.is_truncated, false) or vouched.known_until is not null as is_whole,
    from inbound
    left join answers on inbound.act_key = answers.act_key
    left join peer_answers on inbound.act_key = peer_answers.act_key
    left join threads on inbound.thread_key = threads.thread_key
    left join vouched on inbound.act_key = vouched.act_key
)

select
    organization_id,
    channel_id,
    act_key,
    thread_key,
    kind,
    author_number,
    is_question,
    parent_key is null or parent_key = act_key as is_opening,
    found_through,
    occurred_at,
    answer_key,
    answered_at,
    answered_by,
    case
        when is_whole then least(greatest(known_until, answered_at), getvariable('as_of'))
    end as observed_until,
    peer_answered_at,
    case
        when answered_at is not null then 'answered'
        when not is_whole or known_until is null then 'unseen'
        else 'open'
    end as answer_state,
from known
