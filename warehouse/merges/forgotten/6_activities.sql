delete from raw.activities
where rowid in (select place from gone)
