-- An activity that the channel's current document still lists was last seen when that document
-- was last confirmed, be it by a 304.
select
    activities.activity_id,
    activities.organization_id,
    activities.channel_id,
    activities.kind,
    activities.direction,
    activities.occurred_at,
    activities.published_at,
    activities.updated_at,
    activities.first_seen_at,
    coalesce(cursors.last_seen_at, activities.last_listed_at) as last_seen_at,
    activities.time_precision,
    activities.date_flag,
    activities.identity_basis,
    activities.is_repeated,
    activities.author_key,
    activities.author_role,
    activities.author_evidence,
    activities.parent_id,
    activities.thread_id,
    activities.thread_shape,
    activities.listed_in,
    activities.found_through,
    activities.is_question,
    activities.is_accepted_answer,
    conversations.answer_state,
    conversations.answer_id,
    conversations.answered_at,
    conversations.answered_by,
    conversations.observed_until,
    activities.language,
    activities.text_length,
    activities.link_host,
    activities.link_key,
    activities.content_fingerprint,
    activities.text_sketch,
    activities.edit_count,
    activities.like_count,
    activities.reply_count,
    activities.repost_count,
    activities.page_id,
    activities.last_page_id,
    activities.connector_version,
from raw.activities
left join raw.cursors
    on activities.channel_id = cursors.channel_id
    and activities.last_page_id = cursors.document_page_id
left join all_conversations as conversations
    on activities.activity_id = conversations.activity_id
order by activities.organization_id, activities.channel_id, activities.occurred_at,
    activities.activity_id
