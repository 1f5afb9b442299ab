insert into raw.listings by name
from landed_listings
