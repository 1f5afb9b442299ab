-- It is wide, and a column takes a quarter of a megabyte however few rows there are.
drop table renewed
