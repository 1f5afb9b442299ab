-- Channels on the list by how the last attempt ended.
with listed as (
    select channel_id
    from raw.channels
    where
        last_listed_at = (select max(last_listed_at) from raw.organizations)
        and listed_by <> 'import'
)

select
    coalesce(cursors.last_outcome, 'never asked') as outcome,
    count(*) as channel_count,
from listed
left join raw.cursors on listed.channel_id = cursors.channel_id
group by all
order by channel_count desc, outcome
