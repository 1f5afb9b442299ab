-- Whom the records are about has rights: what goes when its time is over, what organizations
-- correct and reply (rules R7 and R20).

-- Days that everything of a source may be kept without being seen there again; NULL: as long as
-- anything else. YouTube's terms say thirty.
alter table raw.sources add column kept_days integer;

-- Each removal of what had been kept for its time: one row, without any identity.
create table raw.purges (
    purged_at timestamp not null,
    kept_since timestamp not null,     -- what was first seen before it has gone
    activity_count bigint not null,
    former_activity_count bigint not null,
    thread_view_count bigint not null,
    presence_count bigint not null
);

-- The weeks of channels that acts were removed from: sums stay. What persons did in such a week is
-- not taken in again, and what rests on it is not measured again.
create table raw.purged_weeks (
    organization_id varchar not null,
    channel_id varchar not null,
    week date not null,
    act_count bigint not null,
    person_act_count bigint not null,  -- of anybody but the organization's own accounts
    last_post_at timestamp,            -- the organization's last original post among them
    is_limited boolean not null,       -- the source's own limit was the reason
    purged_at timestamp not null
);

-- Pages that had shown for the first time what has been removed since: what they listed is kept as
-- it was counted then.
create table raw.purged_pages (
    page_id varchar not null
);

-- Each erasure on request: one row, without any identity. What was measured of an organization's
-- week in which somebody has been erased since cannot be measured again.
create table raw.erasures (
    erased_at timestamp not null,
    kind varchar not null check (kind in ('person', 'organization'))
);
create table raw.erased_weeks (
    organization_id varchar not null,
    week date not null,
    erased_at timestamp not null
);

-- What organizations had put right, and what they reply to their results; as last read in.
create table raw.corrections (
    organization_id varchar not null,
    corrected_field varchar not null,
    channel_address varchar not null,  -- of the channel that it is about; '' for anything else
    corrected_value varchar not null,  -- '' where nothing takes its place
    explanation varchar not null,      -- in words, as published
    corrected_on date not null,
    status varchar not null check (status in ('received', 'applied', 'declined')),
    imported_at timestamp not null
);

create table raw.replies (
    organization_id varchar not null,
    replied_on date not null,
    reply varchar not null,            -- plain text, as published
    signed_by varchar not null,        -- a role, never a name
    imported_at timestamp not null
);

-- The public notice (rule R10) as it was last written: in its order, headings with what stands
-- below them.
create table raw.notice (
    position integer not null,
    heading varchar not null,
    is_item boolean not null,          -- one of a list
    paragraph varchar not null
);

-- Measurements as they may be published: no cell of fewer than five persons, none that follows from
-- the difference of two others, and none of fewer than five things that persons did (rule R14,
-- docs/privacy.md). What is hidden has neither value nor numbers, and says so.
create view signals.published as
with everybody as (
    -- all persons of the window: participants, and those who were there early, are some of them
    select
        organization_id,
        as_of_week,
        n as person_count,
    from signals.measurements
    where signal_code = 'top_decile_share' and value is not null and n > 40
),

cells as (
    select
        measurements.*,
        coalesce(case
            when measurements.signal_code = 'participants_per_1000_followers'
                then measurements.n between 1 and 4
                    or measurements.denominator between 1 and 4
                    or everybody.person_count - measurements.n between 1 and 4
            when measurements.signal_code = 'returning_participant_share'
                then measurements.n between 1 and 4
                    or measurements.numerator between 1 and 4
                    or measurements.denominator - measurements.numerator between 1 and 4
                    or everybody.person_count - measurements.n between 1 and 4
            -- of 40 persons the tenth is four
            when measurements.signal_code = 'top_decile_share' then measurements.n between 1 and 40
            when measurements.signal_code in (
                'reply_rate_72h', 'question_reply_rate_72h', 'reply_rate_1h', 'reply_rate_24h',
                'reply_rate_7d', 'response_hours_median', 'peer_answer_share'
            ) then measurements.n between 1 and 4
        end, false) as is_small,
    from signals.measurements
    left join everybody
        on measurements.organization_id = everybody.organization_id
        and measurements.as_of_week = everybody.as_of_week
)

select
    organization_id,
    as_of_week,
    window_weeks,
    signal_code,
    case when not is_small then value end as value,
    case when not is_small then numerator end as numerator,
    case when not is_small then denominator end as denominator,
    case when not is_small then n end as n,
    case when not is_small then lower end as lower,
    case when not is_small then upper end as upper,
    coverage_share,
    is_pooled and not is_small as is_pooled,
    case when is_small then 'too_few_persons' else missing_reason end as missing_reason,
    unseen_reason,
    method_version,
    known_at,
from cells;
