-- Trained models, what each estimate is made of, and which model made it.
-- A model's file is beside the warehouse; its checksum is here.
create table estimates.models (
    model_version varchar not null,
    source varchar not null check (source in ('simulator', 'recalibrated', 'offset', 'stack')),
    trained_at timestamp not null,
    seed bigint not null,
    label_count integer not null,
    claim_count integer not null,       -- self-assessments it was trained on; 0 by default
    label_counts integer[] not null,    -- by stage, 1 to 6
    labels_sha256 varchar not null,     -- of the labels as trained on; '' without
    file_sha256 varchar not null,
    trials varchar not null,            -- JSON: what was tried, and why one was chosen
    evaluation varchar not null,        -- JSON: the last evaluation; '' when there was none
    is_current boolean not null         -- estimates are made by the current one
);

alter table estimates.stages add column stage_label varchar default '';
alter table estimates.stages add column is_out_of_fold boolean default false;
alter table estimates.stages add column saw_claim boolean default false;

-- Parts of the log-odds of being above each threshold between stages, see docs/classifier.md.
create table estimates.contributions (
    organization_id varchar not null,
    as_of_week date not null,
    part varchar not null,
    part_order integer not null,
    seen_share double,                  -- of the family's signals; NULL where the part is no family
    above_1_log_odds double not null,
    above_2_log_odds double not null,
    above_3_log_odds double not null,
    above_4_log_odds double not null,
    above_5_log_odds double not null
);
