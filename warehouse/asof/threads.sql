-- Conversations by what all looks until `known_at` add up to.
with views as (
    from raw.thread_views
    where observed_at <= getvariable('known_at')
)

select * replace (privacy.blurred(thread_id) as thread_id),
from statistics.thread_states('views')
