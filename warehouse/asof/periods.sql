from raw.periods
where observed_at <= getvariable('known_at')
