-- What the privacy notice has said, and since when.
create table policy_versions (
  number bigint primary key,
  id text not null unique,
  -- Of the record, which has no language.
  hash text not null,
  made_at bigint not null,
  effective_at bigint not null,
  material bigint not null check (material in (0, 1)),
  -- What the notice says, as JSON.
  record text not null
);

-- The newest version whose announcement this person has put away.
alter table learners add column notice_seen bigint;
