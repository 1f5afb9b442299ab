-- Or the next batch would make it a second time beside this one.
drop table landed_listings
