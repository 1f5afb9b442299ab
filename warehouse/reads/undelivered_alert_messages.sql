-- How many messages are yet to be sent, by channel, and why the last try failed.
select
    channel,
    count(*) as message_count,
    min(created_at) as since,
    arg_max(last_error, created_at) filter (last_error <> '') as last_error,
from raw.alert_messages
where sent_at is null and attempts > 0
group by channel
order by channel
