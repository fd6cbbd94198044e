-- What pages told of the browsers that showed them, of people who had consented to it. The first two tables count page
-- views, and nothing in them says whose they were.
create table page_timings (
  -- Its Monday, 0 o'clock UTC.
  week bigint not null,
  page text not null,
  form text not null,
  browser text not null,
  system text not null,
  metric text not null,
  -- From which value on: milliseconds, of cls thousandths.
  bucket bigint not null,
  views bigint not null check (views > 0),
  primary key (week, page, form, browser, system, metric, bucket)
);
create table browser_views (
  week bigint not null,
  form text not null,
  browser text not null,
  system text not null,
  screen text not null,
  views bigint not null check (views > 0),
  primary key (week, form, browser, system, screen)
);

-- Devices that have been given an identifier, each of one person.
create table devices (
  subject text not null references subjects (id),
  -- A hash of subject and identifier, so that two people at one device cannot be told to share it.
  device text not null,
  form text not null,
  browser text not null,
  system text not null,
  -- Days, 0 o'clock UTC.
  first_seen bigint not null,
  last_seen bigint not null,
  days bigint not null,
  primary key (subject, device)
);
create index devices_last_seen on devices (last_seen);
