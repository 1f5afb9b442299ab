drop table landed_listings
