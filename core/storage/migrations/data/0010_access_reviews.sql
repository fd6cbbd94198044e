-- Which looks into people's records somebody else reviews, and what came of it. Every look has a row once it was
-- considered; one that was not chosen has no rules.
create table access_reviews (
  access text primary key references accesses (id),
  subject text not null,
  -- Why it was chosen: names of rules, separated by commas.
  rules text not null,
  considered_at bigint not null,
  verdict text check (verdict in ('justified', 'unjustified')),
  remark text,
  -- Who signed it off, sealed with the system's key.
  reviewer_enc text,
  reviewed_at bigint
);
create index access_reviews_subject on access_reviews (subject);
create index access_reviews_open on access_reviews (considered_at) where rules <> '' and verdict is null;
