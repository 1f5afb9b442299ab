-- The truth about signals: one row per organization, week and signal; kept, week after week.
create schema if not exists signals;

create table signals.measurements (
    organization_id varchar not null,
    as_of_week date not null,          -- Monday of the last full week in the window
    window_weeks integer not null,
    signal_code varchar not null,
    value double,                      -- NULL exactly when missing_reason says why
    numerator double,
    denominator double,
    n bigint not null,
    lower double,                      -- 95 % interval where the signal has one
    upper double,
    coverage_share double,             -- channel-days seen of those in the window
    missing_reason varchar not null
        check (missing_reason in ('', 'absent', 'unobserved', 'undefined')),
    method_version varchar not null
);
