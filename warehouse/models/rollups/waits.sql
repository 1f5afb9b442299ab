-- One row per act of an outsider towards an organization, in a thread that is known whole, that may
-- be counted: what was found only because it was answered is no base for a rate. Of
-- rollups.conversations, what signals read of it.
-- Window: questions of the 26 full weeks up to `as_of_week`, everything else of the last 13; UTC.
-- NULL: thread_key outside of threads; waited_us (until the answer) without one; is_question where
-- nobody can tell.
select
    organization_key,
    channel_key,
    week > getvariable('as_of_week') - 13 * 7 as is_late,
    thread_key,
    is_question,
    epoch_us(answered_at) - epoch_us(occurred_at) as waited_us,
    epoch_us(observed_until) - epoch_us(occurred_at) as watched_us,
    epoch_us(peer_answered_at) - epoch_us(occurred_at) as peer_waited_us,
from rollups.conversations
where
    observed_until is not null
    and found_through <> 'answer'
    and week <= getvariable('as_of_week')
    and week > getvariable('as_of_week') - 26 * 7
    and (is_question or week > getvariable('as_of_week') - 13 * 7)
