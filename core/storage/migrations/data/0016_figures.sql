-- How much the platform is used, week by week: numbers of people that are large enough to say nothing about anybody.
create table figure_weeks (
  -- Its Monday, ISO 8601.
  week text primary key,
  -- The smallest group that was kept when it was counted.
  minimum bigint not null,
  made_at bigint not null
);
create table figures (
  week text not null references figure_weeks (week),
  measure text not null,
  -- A course or a plugin; empty where there are none.
  part text not null,
  people bigint not null check (people > 0),
  primary key (week, measure, part)
);
