-- How much was seen of each organization in the window of a measured week: with the measurements,
-- all that an estimate of that week rests on. A build that finds it otherwise adds a row; of
-- several, the one learned last holds. No rows: the week was measured before this table was there.
create table signals.evidence (
    organization_id varchar not null,
    as_of_week date not null,                -- as in signals.measurements
    observed_week_count integer not null,    -- of its 13 weeks: some channel was seen
    readable_channel_count integer not null, -- seen on any day of the 13 weeks
    known_at timestamp not null              -- what had been learned by then went in
);
