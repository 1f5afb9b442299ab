insert into raw.periods by name
from read_parquet($landed)
