-- An import tells of a moment long past; it was learned when it was imported.
from raw.presences
where
    observed_at <= getvariable('known_at')
    and page_id not in (
        select page_id
        from raw.attempts
        where purpose = 'import' and fetched_at > getvariable('known_at')
    )
