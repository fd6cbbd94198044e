-- The signed chain of heads: each checkpoint commits to the heads that have moved since the one before.
create table ledger_checkpoints (
  sequence bigint primary key,
  at bigint not null,
  heads bigint not null,
  root text not null,
  previous_hash text not null,
  signature text not null
);
-- @append_only ledger_checkpoints

-- The heads in each checkpoint, as they were then. The leaf is all that a proof shows of them to anybody else.
create table checkpoint_heads (
  checkpoint bigint not null,
  ledger text not null check (ledger in ('consents', 'disclosures')),
  subject text not null,
  count bigint not null,
  hash text not null,
  leaf text not null,
  primary key (ledger, subject, count)
);
create index checkpoint_heads_checkpoint on checkpoint_heads (checkpoint);
-- @append_only checkpoint_heads

-- How many of a chain's rows a checkpoint covers.
alter table ledger_heads add column covered bigint not null default 0;
create index ledger_heads_uncovered on ledger_heads (ledger, subject) where count > covered;
