-- What respondents answered about their own organizations. An assessment that was corrected stays,
-- with the moment of its correction. Claims are computed from those that hold.
create table raw.assessments (
    assessment_id varchar not null,        -- digest of organization, instrument, respondent and day
    organization_id varchar not null,
    instrument varchar not null,
    instrument_version varchar not null,
    respondent varchar not null,           -- a short code, never a name
    respondent_role varchar not null,
    answered_on date,
    direct_stage_code integer check (direct_stage_code between 1 and 6),
    ambition_stage_code integer check (ambition_stage_code between 1 and 6),
    is_public boolean not null,
    note varchar not null,
    imported_at timestamp not null,
    superseded_at timestamp                -- NULL: it holds
);

-- One row per item that was answered. NULL is a respondent who looked and could not say; an item
-- without a row was not answered. Neither is a zero.
create table raw.answers (
    assessment_id varchar not null,
    imported_at timestamp not null,
    item_code varchar not null,
    answer integer,
    evidence_url varchar not null
);

-- Of all claims of an organization one counts. What is not public is in no snapshot by name.
alter table raw.claims add column is_answered boolean;  -- from a questionnaire, not from a file
alter table raw.claims add column is_headline boolean;
alter table raw.claims add column is_public boolean;
update raw.claims
set
    is_answered = false,
    is_public = true,
    is_headline = rowid in (
        select arg_max(rowid, (coalesce(claimed_on, date '0001-01-01'), rowid))
        from raw.claims
        group by organization_id
    );
