-- What is known from now on (see 1_renewed.sql).
merge into raw.activities as known
using (select * exclude (former, looked_at, is_changed, is_recounted) from renewed) as seen
on known.activity_id = seen.activity_id
when matched then update set
    channel_id = seen.channel_id,
    listed_in = seen.listed_in,
    found_through = seen.found_through,
    kind = seen.kind,
    direction = seen.direction,
    author_role = seen.author_role,
    author_evidence = seen.author_evidence,
    thread_shape = seen.thread_shape,
    is_accepted_answer = seen.is_accepted_answer,
    occurred_at = seen.occurred_at,
    published_at = seen.published_at,
    updated_at = seen.updated_at,
    last_listed_at = seen.last_listed_at,
    time_precision = seen.time_precision,
    date_flag = seen.date_flag,
    is_repeated = seen.is_repeated,
    parent_id = seen.parent_id,
    thread_id = seen.thread_id,
    is_question = seen.is_question,
    language = seen.language,
    text_length = seen.text_length,
    link_host = seen.link_host,
    link_key = seen.link_key,
    edit_count = seen.edit_count,
    content_fingerprint = seen.content_fingerprint,
    text_sketch = seen.text_sketch,
    like_count = seen.like_count,
    reply_count = seen.reply_count,
    repost_count = seen.repost_count,
    last_page_id = seen.last_page_id,
    connector_version = seen.connector_version
when not matched then insert by name
