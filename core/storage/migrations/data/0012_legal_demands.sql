-- What authorities demand by law, and what was handed over (Art. 6(1)(c) GDPR).
create table legal_demands (
  id text primary key,
  -- Stands for the person here and in the ledgers, as a guest does, and is joined to the account when the person may
  -- know of it. Until then nothing but `learner` leads from one to the other.
  subject text not null references subjects (id),
  learner text not null references learners (id),
  authority text not null,
  address text not null,
  reference text not null,
  ground text not null,
  -- Data categories, separated by commas, and the first and last day (ISO 8601).
  asked_categories text not null,
  asked_from text,
  asked_until text,
  received_on text not null,
  due_on text not null,
  entered_at bigint not null,
  -- The staff's accounts, sealed with the system's key: whoever releases is another than they.
  entered_by_enc text not null,
  decision text check (decision in ('full', 'part', 'refused')),
  decision_reason text not null,
  granted_categories text not null,
  granted_from text,
  granted_until text,
  assessed_at bigint,
  assessed_by_enc text not null,
  released_at bigint,
  released_by_enc text not null,
  -- The row of the disclosure ledger, and SHA-256 of the file.
  call_id text,
  digest text not null,
  -- Day on which the deferral of the notice is looked at again.
  deferred_until text,
  deferral_ground text not null,
  deferral_ended_at bigint,
  deferral_end text not null,
  told_at bigint
);
create index legal_demands_subject on legal_demands (subject);
create index legal_demands_learner on legal_demands (learner);
