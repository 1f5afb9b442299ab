-- Facts about single acts; sums by week stay.
create or replace temp table doomed_keys as
select hash(activity_id) as act_key from doomed;

delete from facts.acts where act_key in (from doomed_keys);
delete from facts.answers where act_key in (from doomed_keys);
delete from facts.originals where act_key in (from doomed_keys);
delete from facts.pairs
where act_key in (from doomed_keys) or later_act_key in (from doomed_keys);
