-- Links that are sent by mail and work once: to confirm an address, to choose a new password, to end what
-- somebody else has begun. A confirmation holds the address that it confirms.
create table account_links (
  id text primary key,
  token_hash text not null unique,
  learner text not null references learners (id),
  kind text not null check (kind in ('confirm_email', 'reset_password', 'not_me')),
  email_enc text,
  created_at bigint not null,
  expires_at bigint not null
);
create index account_links_learner on account_links (learner, kind);
create index account_links_expiry on account_links (expires_at);

-- What happened to an account, for its owner to see.
create table account_events (
  id text primary key,
  learner text not null references learners (id),
  kind text not null,
  at bigint not null,
  user_agent text not null
);
create index account_events_learner on account_events (learner, at);
create index account_events_at on account_events (at);

-- How somebody likes to have it; each may be absent.
alter table learners add column time_zone text;
alter table learners add column theme text;
alter table learners add column text_size text;
alter table learners add column education_enc text;
