-- News of the operator's: for those who subscribed to them, and by mail only.
alter table announcements add column is_news bigint not null default 0;
create index consents_flow on consents (instance, purpose, subject);

-- A further kind of link, which subscribes; SQLite changes no condition of a table that is there.
alter table account_links rename to account_links_before;
create table account_links (
  id text primary key,
  token_hash text not null unique,
  learner text not null references learners (id),
  kind text not null check (kind in ('confirm_email', 'reset_password', 'not_me', 'confirm_news')),
  email_enc text,
  created_at bigint not null,
  expires_at bigint not null
);
insert into account_links (id, token_hash, learner, kind, email_enc, created_at, expires_at)
  select id, token_hash, learner, kind, email_enc, created_at, expires_at from account_links_before;
drop table account_links_before;
create index account_links_learner on account_links (learner, kind);
create index account_links_expiry on account_links (expires_at);
