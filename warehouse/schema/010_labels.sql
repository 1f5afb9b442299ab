-- Stages that raters gave to organizations. A code that was corrected stays, with the moment of
-- its correction. NULL is a rater who looked and could not say: never a stage, and not the same as
-- no row.
create table raw.labels (
    organization_id varchar not null,
    rater varchar not null,
    about date not null,
    codebook varchar not null,
    stage_code integer check (stage_code between 1 and 6),
    saw varchar not null check (saw in ('documents', 'public', 'both')),
    coded_on date not null,
    confidence varchar not null check (confidence in ('', 'low', 'medium', 'high')),
    note varchar not null,
    imported_at timestamp not null,
    superseded_at timestamp            -- NULL: it holds
);
