-- The terms of use, version by version, as they stood in the operator's files; without texts: none from then
-- on. And who has accepted which.
create table terms_versions (
  number bigint primary key,
  text_de text not null,
  text_en text not null,
  made_at bigint not null
);
create table terms_acceptances (
  learner text not null references learners (id),
  version bigint not null references terms_versions (number),
  language text not null,
  accepted_at bigint not null,
  primary key (learner, version)
);
