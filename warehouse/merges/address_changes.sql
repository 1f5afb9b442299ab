insert into raw.address_changes by name
from read_parquet($landed)
