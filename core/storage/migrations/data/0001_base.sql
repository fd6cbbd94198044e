-- One schema for SQLite and PostgreSQL. Ids are UUIDv7 text, times bigint microseconds UTC, documents JSON text,
-- columns ending in _enc are ciphertext (base64url) under the subject's key. Every column stands in inventory.csv.

create table subjects (
  id text primary key,
  kind text not null check (kind in ('guest', 'learner')),
  created_at bigint not null,
  last_seen_at bigint not null,
  gpc_seen_at bigint,
  merged_into text references subjects (id),
  erased_at bigint
);
create index subjects_last_seen on subjects (kind, last_seen_at);

create table learners (
  id text primary key references subjects (id),
  created_at bigint not null,
  state text not null check (state in ('active', 'restricted', 'erased')),
  role text not null check (role in ('learner', 'teacher', 'support', 'data_protection', 'operator')),
  language text not null,
  display_name_enc text,
  email_enc text,
  email_lookup text unique,
  email_confirmed_at bigint,
  guardian_needed_until text,
  auth_instance text not null
);

create table sessions (
  token_hash text primary key,
  id text not null unique,
  subject text not null references subjects (id),
  privilege text not null check (privilege in ('guest', 'signed_in', 'recently_authenticated')),
  created_at bigint not null,
  last_seen_at bigint not null,
  idle_expires_at bigint not null,
  absolute_expires_at bigint not null,
  authenticated_at bigint,
  user_agent text not null
);
create index sessions_subject on sessions (subject);
create index sessions_expiry on sessions (absolute_expires_at);

-- The exact texts and choices that were shown, each once, by its hash.
create table consent_texts (
  hash text primary key,
  language text not null,
  body text not null,
  first_shown_at bigint not null
);
-- @append_only consent_texts

create table consents (
  subject text not null references subjects (id),
  instance text not null,
  purpose text not null,
  state text not null,
  shown_at bigint,
  record_id text not null,
  changed_at bigint not null,
  expires_at bigint,
  policy_hash text not null,
  origin text not null check (origin in ('guest', 'account')),
  primary key (subject, instance, purpose)
);

-- Names of ISO/IEC TS 27560 where it has one.
create table consent_events (
  record_id text primary key,
  pii_principal_id text not null,
  sequence bigint not null,
  event_time bigint not null,
  event_type text not null,
  event_state text not null,
  entity_id text not null,
  instance text not null,
  purpose text not null,
  recipient_third_parties text not null,
  privacy_notice text not null,
  language text not null,
  action text not null,
  validity_duration bigint,
  text_hash text not null,
  choices_hash text not null,
  manifest_hash text not null,
  policy_hash text not null,
  previous_hash text not null,
  hash text not null,
  unique (pii_principal_id, sequence)
);
-- @append_only consent_events

create table objections (
  subject text not null references subjects (id),
  instance text not null,
  purpose text not null,
  objected_at bigint not null,
  compelling_grounds text,
  grounds_at bigint,
  primary key (subject, instance, purpose)
);

create table disclosures (
  id text primary key,
  subject text not null,
  sequence bigint not null,
  kind text not null check (kind in ('attempted', 'outcome')),
  call_id text not null,
  instance text not null,
  recipient text not null,
  purpose text not null,
  operation text not null,
  categories text not null,
  host text not null,
  commitment text not null,
  outcome text not null,
  at bigint not null,
  previous_hash text not null,
  hash text not null,
  unique (subject, sequence)
);
create index disclosures_call on disclosures (call_id);
-- @append_only disclosures

-- The last link of every chain, so that a chain that lost its end does not pass for a whole one.
create table ledger_heads (
  ledger text not null check (ledger in ('consents', 'disclosures')),
  subject text not null,
  count bigint not null,
  hash text not null,
  seal text not null,
  primary key (ledger, subject)
);

create table outbox (
  id text primary key,
  instance text not null,
  operation text not null,
  purpose text not null,
  subject text not null,
  payload_enc text not null,
  created_at bigint not null,
  state text not null check (state in ('queued', 'claimed', 'delivered', 'dropped', 'failed')),
  attempts bigint not null,
  next_attempt_at bigint not null,
  last_error text not null,
  claimed_by text,
  claim_until bigint,
  settled_at bigint
);
create index outbox_due on outbox (state, next_attempt_at, id);
create index outbox_subject on outbox (subject);

create table emission_leases (
  id text primary key,
  subject text not null,
  node text not null,
  granted_at bigint not null,
  expires_at bigint not null
);
create index emission_leases_subject on emission_leases (subject);

create table enrolments (
  learner text not null references learners (id),
  course text not null,
  since bigint not null,
  state text not null check (state in ('active', 'completed', 'cancelled')),
  order_id text,
  primary key (learner, course)
);

create table lesson_progress (
  learner text not null references learners (id),
  course text not null,
  lesson text not null,
  state text not null check (state in ('started', 'completed')),
  position bigint not null,
  started_at bigint not null,
  updated_at bigint not null,
  completed_at bigint,
  primary key (learner, course, lesson)
);

create table watch_time (
  learner text not null references learners (id),
  course text not null,
  lesson text not null,
  media text not null,
  watched_seconds bigint not null,
  furthest_second bigint not null,
  updated_at bigint not null,
  primary key (learner, course, lesson, media)
);

create table orders (
  id text primary key,
  learner text not null references learners (id),
  course text not null,
  instance text not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  reference text not null unique,
  state text not null check (state in ('open', 'authorised', 'paid', 'partially_paid', 'overpaid', 'cancelled',
                                       'expired', 'refunded')),
  captured_minor bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  due_at bigint,
  instructions_enc text
);
create index orders_learner on orders (learner, created_at);
create index orders_state on orders (instance, state);

create table inbound_events (
  instance text not null,
  dedupe_key text not null,
  id text not null unique,
  event_id text not null,
  object_ref text not null,
  kind text not null,
  subject text,
  detail_enc text not null,
  received_at bigint not null,
  handled_at bigint,
  primary key (instance, dedupe_key)
);
create index inbound_events_object on inbound_events (instance, object_ref);

create table cases (
  id text primary key,
  learner text not null references learners (id),
  instance text not null,
  subject_line_enc text,
  state text not null check (state in ('open', 'answered', 'closed')),
  alias text not null unique,
  created_at bigint not null,
  updated_at bigint not null
);
create index cases_learner on cases (learner, updated_at);

create table case_messages (
  id text primary key,
  case_id text not null references cases (id),
  author text not null check (author in ('learner', 'support')),
  body_enc text,
  external_id text,
  at bigint not null,
  unique (case_id, external_id)
);
create index case_messages_case on case_messages (case_id, at);

create table plugin_store (
  instance text not null,
  subject text not null,
  key text not null,
  purpose text not null,
  value_enc text not null,
  updated_at bigint not null,
  primary key (instance, subject, key)
);
create index plugin_store_subject on plugin_store (subject);

create table throttle (
  key_hash text not null,
  window_start bigint not null,
  count bigint not null,
  primary key (key_hash, window_start)
);
