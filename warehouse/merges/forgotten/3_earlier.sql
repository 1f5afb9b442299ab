-- Its earlier versions lose their identity too.
update raw.former_activities as former
set
    activity_id = privacy.blurred(former.activity_id),
    author_key = privacy.blurred(former.author_key),
    parent_id = privacy.blurred(former.parent_id),
    thread_id = privacy.blurred(former.thread_id),
    content_fingerprint = privacy.blurred(former.content_fingerprint),
    link_key = privacy.blurred(former.link_key),
    published_at = null,
    updated_at = null,
    language = '',
    link_host = '',
    page_id = '',
    last_page_id = '',
    is_withdrawn = true
from gone
where former.activity_id = gone.activity_id
