-- The newest version of the privacy notice whose announcement was written to this person.
alter table learners add column notice_mailed bigint;

-- One instance's undelivered events, for the operator.
create index outbox_instance on outbox (instance, state);
