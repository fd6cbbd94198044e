-- What the operator tells everybody, or those who take a course. In at least one language.
create table announcements (
  id text primary key,
  course text,
  title_de text,
  text_de text,
  title_en text,
  text_en text,
  made_at bigint not null,
  shown_until bigint not null,
  -- To whom it has been mailed: everybody up to this id; all of them once `mailed_at` says when.
  mailed_to text not null,
  mailed_at bigint
);
create index announcements_shown on announcements (shown_until);

create table announcement_reads (
  learner text not null references learners (id),
  announcement text not null references announcements (id),
  read_at bigint not null,
  primary key (learner, announcement)
);
create index announcement_reads_announcement on announcement_reads (announcement);

-- What somebody wants by mail and what not, where that is not as usual.
create table mail_choices (
  learner text not null references learners (id),
  topic text not null,
  wanted bigint not null,
  primary key (learner, topic)
);

-- When its learner last looked at it; an answer after that is news.
alter table cases add column seen_at bigint;
