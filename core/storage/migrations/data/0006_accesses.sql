-- The access log: who of the staff opened what is kept about a person, and why. The third ledger.
create table accesses (
  id text primary key,
  subject text not null,
  sequence bigint not null,
  -- Sealed with the system's key: the person learns the role, not the name.
  actor_enc text not null,
  role text not null,
  part text not null,
  reason text not null,
  at bigint not null,
  previous_hash text not null,
  hash text not null,
  unique (subject, sequence)
);
create index accesses_at on accesses (at);
-- @append_only accesses

-- SQLite cannot change a check, so the tables that name the ledgers are made anew.
create table new_ledger_heads (
  ledger text not null check (ledger in ('consents', 'disclosures', 'accesses')),
  subject text not null,
  count bigint not null,
  hash text not null,
  seal text not null,
  covered bigint not null default 0,
  primary key (ledger, subject)
);
insert into new_ledger_heads (ledger, subject, count, hash, seal, covered)
  select ledger, subject, count, hash, seal, covered from ledger_heads;
drop table ledger_heads;
alter table new_ledger_heads rename to ledger_heads;
create index ledger_heads_uncovered on ledger_heads (ledger, subject) where count > covered;

create table new_checkpoint_heads (
  checkpoint bigint not null,
  ledger text not null check (ledger in ('consents', 'disclosures', 'accesses')),
  subject text not null,
  count bigint not null,
  hash text not null,
  leaf text not null,
  primary key (ledger, subject, count)
);
insert into new_checkpoint_heads (checkpoint, ledger, subject, count, hash, leaf)
  select checkpoint, ledger, subject, count, hash, leaf from checkpoint_heads;
drop table checkpoint_heads;
alter table new_checkpoint_heads rename to checkpoint_heads;
create index checkpoint_heads_checkpoint on checkpoint_heads (checkpoint);
-- @append_only checkpoint_heads
