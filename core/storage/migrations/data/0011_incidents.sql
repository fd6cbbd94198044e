-- Personal data breaches (Art. 33 and 34 GDPR): what happened, who is affected by the ledgers, whom we have told.
create table incidents (
  id text primary key,
  title text not null,
  nature text not null,
  -- What the affected are computed from: what went to this recipient in this time, of these categories (all, if empty),
  -- or what this member of the staff opened.
  instance text not null,
  actor_enc text not null,
  categories text not null,
  began_at bigint not null,
  ended_at bigint not null,
  aware_at bigint not null,
  recorded_at bigint not null,
  risk text check (risk in ('unlikely', 'risk', 'high')),
  consequences text not null,
  measures text not null,
  authority_told_at bigint,
  authority_evidence text not null,
  people_told_at bigint,
  people_evidence text not null,
  closed_at bigint
);

create table incident_people (
  incident text not null references incidents (id),
  subject text not null,
  title text not null,
  aware_at bigint not null,
  -- How many rows of the ledgers.
  records bigint not null,
  primary key (incident, subject)
);
create index incident_people_subject on incident_people (subject);
