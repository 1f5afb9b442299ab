select
    source,
    terms_url,
    terms_dated,
    reviewed_on,
    next_review_on,
    is_enabled,
    may_derive,
    shows_dialogue,
    publishes,
from raw.sources
