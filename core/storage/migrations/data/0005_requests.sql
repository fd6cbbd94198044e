-- Requests of data subjects (Art. 15 to 21 GDPR), and what became of each at the platform and at each recipient.
create table requests (
  id text primary key,
  subject text not null,
  kind text not null check (kind in ('access', 'portability', 'rectification', 'erasure', 'restriction', 'objection')),
  status text not null check (status in ('pending', 'in_progress', 'completed', 'partial', 'retained', 'manual',
                                         'failed', 'cancelled')),
  language text not null,
  entered_by text not null,
  details_enc text not null,
  status_lookup text not null unique,
  received_at bigint not null,
  starts_at bigint not null,
  due_at bigint not null,
  extension_reason text,
  settled_at bigint,
  next_attempt_at bigint not null,
  claimed_by text,
  claim_until bigint
);
create index requests_subject on requests (subject, received_at);
create index requests_due on requests (status, next_attempt_at);

create table request_steps (
  request text not null references requests (id),
  -- `family/name`; empty: the platform itself.
  instance text not null,
  recipient text not null,
  status text not null check (status in ('pending', 'in_progress', 'completed', 'partial', 'retained', 'manual',
                                         'failed', 'cancelled')),
  attempts bigint not null,
  next_attempt_at bigint not null,
  job text not null,
  outcome text not null,
  retained_until text,
  updated_at bigint not null,
  primary key (request, instance)
);

-- What law demands to keep of somebody who is erased, under a key of its own for each ground and end date.
create table retained_records (
  id text primary key,
  subject text not null,
  key_owner text not null,
  ground text not null,
  until text not null,
  what text not null,
  record_enc text not null,
  created_at bigint not null
);
create index retained_records_until on retained_records (until);
create index retained_records_subject on retained_records (subject);
