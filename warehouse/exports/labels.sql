-- A correction that came after `exported_known_at` was not known then.
select
    organization_id,
    rater,
    about,
    codebook,
    stage_code,
    saw,
    coded_on,
    confidence,
    note,
    imported_at,
    case
        when superseded_at <= coalesce(getvariable('exported_known_at')::timestamp, 'infinity')
            then superseded_at
    end as superseded_at,
from raw.labels
