from raw.listings
where observed_at <= getvariable('known_at')
