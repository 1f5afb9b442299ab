from raw.key_periods
where used_since <= getvariable('known_at')
