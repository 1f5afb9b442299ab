from raw.attempts
where fetched_at <= getvariable('known_at')
