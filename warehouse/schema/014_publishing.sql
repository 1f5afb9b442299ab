-- What is published beside signals and estimates: the named groups of organizations, where Prefect
-- shows a run, and the numbers that compare claims with estimates.
-- Organizations listed before had none; the same default for every row keeps them unchanged. It is
-- a cast of text: a list as default is not read again after a process was killed (DuckDB 1.5).
alter table raw.organizations add column groups varchar[] default cast('[]' as varchar[]);
alter table raw.former_organizations add column groups varchar[] default cast('[]' as varchar[]);

alter table raw.runs add column flow_run_url varchar default ''; -- '' without a Prefect server

-- Claimed against observed stages, as published: by scope, in the order of a report.
create table estimates.agreement_statistics (
    as_of_week date not null,
    scope varchar not null check (scope in ('public', 'all')),
    position integer not null,         -- in the order of a report, from 1
    code varchar not null,
    group_name varchar not null,       -- '' for the whole sample
    value double,                      -- NULL where it cannot be said; the reason tells why
    lower double,
    upper double,
    n integer not null,
    expected double,
    p_value double,
    reason varchar not null,
    label varchar not null,
    unit varchar not null,
    sample varchar not null,
    definition varchar not null
);
