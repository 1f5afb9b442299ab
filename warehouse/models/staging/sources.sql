-- One row per source of a listed channel: may anything be derived from it (rule R18), does it show
-- what others say to an organization, and do organizations publish there?
-- Window: none; the terms register as the last run read it.
-- NULL: never. A source without a record may not be used.
with listed as (
    select distinct source
    from raw.channels
    where last_listed_at = (select max(last_listed_at) from raw.organizations)
)

select
    listed.source,
    coalesce(sources.may_derive, false) as may_derive,
    coalesce(sources.shows_dialogue, false) as shows_dialogue,
    coalesce(sources.publishes, false) as publishes,
from listed
left join raw.sources on listed.source = sources.source
