-- One row per source and server of whose budgets the last run was told: how much of the smallest is
-- left? One that comes back within $least_minutes minutes of $moment is nobody's trouble.
-- $told holds the last word of each server on each of its budgets.
-- NULL: never; resets_at where the server does not say.
with told as (
    select unnest(
        $told::struct(
            channel_id varchar,
            server varchar,
            remaining double,
            most double,
            resets_at timestamp
        )[],
        recursive := true
    )
),

budgets as (
    select
        channels.source,
        told.server,
        told.remaining / told.most as share,
        told.remaining,
        told.most,
        told.resets_at,
        coalesce(
            told.resets_at > $moment + $least_minutes::integer * interval 1 minute, true
        ) as is_lasting,
    from told
    join raw.channels on told.channel_id = channels.channel_id
    where told.most > 0
),

smallest as (
    select
        source,
        server,
        unnest(arg_min({
            'share': share,
            'remaining': remaining,
            'most': most,
            'resets_at': resets_at,
            'is_lasting': is_lasting
        }, share)),
    from budgets
    group by source, server
)

select
    'source' as subject_kind,
    source || ':' || server as subject_id,
    null as organization_id,
    case
        when share >= $clear_share then 'clear'
        when share < $raise_share and is_lasting then 'raised'
        else 'between'
    end as state,
    share as value,
    $raise_share as limit_value,
    source,
    server,
    remaining,
    most,
    resets_at,
from smallest
order by subject_id
