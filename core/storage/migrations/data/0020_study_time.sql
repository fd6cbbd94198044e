-- How long somebody learnt, for those who want it counted. The row of a person's clock is their own switch.
create table study_clocks (
  learner text primary key references learners (id),
  since bigint not null,
  -- No moment before is counted again.
  counted_until bigint not null,
  -- The lesson whose page was opened last, and whether that page reports itself what is counted.
  course text,
  lesson text,
  opened_at bigint not null,
  reports bigint not null
);
create table study_time (
  learner text not null references learners (id),
  course text not null,
  lesson text not null,
  seconds bigint not null,
  updated_at bigint not null,
  primary key (learner, course, lesson)
);
