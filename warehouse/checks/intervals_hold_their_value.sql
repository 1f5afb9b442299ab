-- Where a signal has an interval, its value lies in it, and shares lie between 0 and 1.
select *
from signals.measurements
where
    (value is not null and lower is not null and not (lower <= value and value <= upper))
    or (signal_code like '%\_share' escape '\' and value not between 0 and 1)
    or coverage_share not between 0 and 1
