-- What makes an account one of the staff's: appointments, undertakings of confidentiality, trainings. The last of a
-- kind counts, and the others stay as proof.
create table staff_events (
  id text primary key,
  learner text not null references learners (id),
  kind text not null check (kind in ('appointed', 'undertaking', 'training')),
  -- Of an appointment; `learner` ends one.
  role text,
  -- Of an appointment: what the same person is called by the operating system, if they work there.
  system_user text,
  -- ISO 8601 date on which it was given; of an appointment the day when it was recorded.
  on_day text not null,
  -- Where it can be found.
  evidence text not null,
  -- Who recorded it, sealed with the system's key.
  actor_enc text not null,
  at bigint not null
);
create index staff_events_learner on staff_events (learner, at);
-- @append_only staff_events
