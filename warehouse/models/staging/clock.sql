-- One row: the moment that this build was made for; estimates and marts of it use the same.
-- Window: none; times UTC.
-- NULL: never.
select
    getvariable('as_of')::timestamp as as_of,
    getvariable('known_at')::timestamp as known_at,
    getvariable('as_of_week')::date as as_of_week,
