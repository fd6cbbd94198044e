-- Whoever wants a copy of their data, or to be erased, waits for what is found of them, page by page.
drop index outbox_subject;
create index outbox_subject on outbox (subject, id);
create index inbound_events_subject on inbound_events (subject, id);
create index subjects_merged_into on subjects (merged_into) where merged_into is not null;
