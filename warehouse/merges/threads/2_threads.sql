-- Of the conversations that this batch saw, what is known is made anew from all looks at them.
delete from raw.threads
where thread_id in (select thread_id from read_parquet($landed))
