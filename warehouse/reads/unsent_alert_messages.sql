-- Messages that are yet to be sent by $channel, the oldest first, with their alerts. What is older
-- than $since is given up: it stands in the log and in the table of alerts.
select
    messages.message_id,
    messages.kind,
    messages.batch_id,
    messages.created_at,
    messages.not_before,
    messages.attempts,
    messages.title as message_title,
    messages.text as message_text,
    alerts.*,
from raw.alert_messages as messages
join raw.alerts on messages.alert_id = alerts.alert_id
where
    messages.sent_at is null
    and messages.channel = $channel
    and messages.created_at >= $since
order by
    messages.created_at,
    messages.batch_id,
    list_position(['serious', 'warning', 'notice'], alerts.severity),
    messages.kind,
    messages.message_id
