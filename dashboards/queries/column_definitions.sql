-- Grain: one row per documented column of marts.organizations, in table order.
-- Window and clock: none.
-- NULL: never; a column without a comment has no row.
select
    column_name,
    comment as definition,
from duckdb_columns()
where
    database_name = current_database()
    and schema_name = 'marts'
    and table_name = 'organizations'
    and comment <> ''
order by column_index
