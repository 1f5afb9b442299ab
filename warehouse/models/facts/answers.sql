-- One row per act of an outsider towards an organization that was answered, by it or by another.
-- An answer is the first act of the organization or its staff that replies to it (trees), or
-- that comes later in its thread (lists: forums, issue trackers); of several at one moment always
-- the same. A peer's answer is the same of another outsider, and only to a question. Channels
-- from which nothing may be derived (R18) answer nothing.
-- Window: the weeks in `facts.touched`, by the time of what was said, and the acts in
-- `facts.affected`; times UTC.
-- NULL: answer_key, answered_at and answered_by where only a peer answered; peer_answered_at where
-- none did.
with channels as (
    select channel_key
    from staging.channels
    where may_derive
),

renewed as (
    select acts.*
    from facts.acts
    semi join facts.touched
        on acts.organization_key = touched.organization_key
        and acts.week = touched.week
    where
        acts.week >= getvariable('touched_from')::date
        and acts.week < getvariable('touched_until')::date
        and acts.direction = 'to_organization'
),

inbound as (
    select
        organization_key,
        channel_key,
        week,
        occurred_at,
        act_key,
        thread_key,
        author_number,
        thread_shape,
        is_question,
    from (
        from renewed
        union all
        select acts.*
        from facts.acts
        semi join facts.affected on acts.act_key = affected.act_key
        where acts.direction = 'to_organization'
    )
    where channel_key in (from channels)
),

acts as (
    from facts.acts
    where
        channel_key in (from channels)
        and week >= (select min(week) from inbound)
),

said as (
    select
        organization_key,
        thread_key,
        parent_key,
        occurred_at,
        act_key,
        author_role,
    from acts
    where direction = 'by_organization'
),

listed as (
    from inbound
    where thread_shape = 'list' and thread_key is not null
),

turns as (
    select
        organization_key,
        thread_key,
        occurred_at,
        min(act_key) as act_key,
        arg_min(author_role, act_key) as author_role,
    from said
    where thread_key in (select thread_key from listed)
    group by all
),

answered_in_list as (
    select
        listed.act_key,
        turns.act_key as answer_key,
        turns.occurred_at as answered_at,
        turns.author_role as answered_by,
    from listed
    asof join turns
        on listed.organization_key = turns.organization_key
        and listed.thread_key = turns.thread_key
        and listed.occurred_at < turns.occurred_at
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
        and inbound.organization_key = said.organization_key
        and inbound.occurred_at <= said.occurred_at
    where inbound.thread_shape = 'tree'
    group by inbound.act_key
),

peers as (
    select
        thread_key,
        parent_key,
        occurred_at,
        author_number,
    from acts
    where
        author_role = 'outsider'
        and author_number is not null
        and thread_key is not null
        and kind not in ('repost', 'bot_reply')
        and direction is not null
),

peer_answers as (
    select
        questions.act_key,
        min(peers.occurred_at) as peer_answered_at,
    from inbound as questions
    join peers
        on questions.thread_key = peers.thread_key
        and questions.occurred_at < peers.occurred_at
        and questions.author_number <> peers.author_number
        and (questions.thread_shape = 'list' or questions.act_key = peers.parent_key)
    where questions.is_question and questions.author_number is not null
    group by questions.act_key
),

answers as (
    select
        act_key,
        any_value(answer_key) as answer_key,
        any_value(answered_at) as answered_at,
        any_value(answered_by) as answered_by,
        any_value(peer_answered_at) as peer_answered_at,
    from (
        from answered_in_list
        union all by name
        from answered_in_tree
        union all by name
        from peer_answers
    )
    group by act_key
)

select
    inbound.organization_key,
    inbound.week,
    answers.*,
from answers
join inbound on answers.act_key = inbound.act_key
order by inbound.week, inbound.organization_key, answers.act_key
