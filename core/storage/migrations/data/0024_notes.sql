-- What learners note down for themselves in lessons.
create table notes (
  id text primary key,
  learner text not null references learners (id),
  course text not null,
  lesson text not null,
  -- The heading's id; empty for the whole lesson.
  anchor text not null,
  -- Without words it is a bookmark.
  body_enc text,
  created_at bigint not null,
  updated_at bigint not null
);
create index notes_learner on notes (learner, course, lesson);
