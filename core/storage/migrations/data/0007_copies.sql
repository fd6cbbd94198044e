-- What recipients answered to a request for access, until the copy of the data that it goes into has run out.
create table recipient_answers (
  id text primary key,
  request text not null references requests (id),
  instance text not null,
  subject text not null,
  answer_enc text not null,
  answered_at bigint not null,
  unique (request, instance)
);
create index recipient_answers_subject on recipient_answers (subject);

-- The copy that was made for a request: an encrypted file called by the request's id.
create table copies (
  request text primary key references requests (id),
  subject text not null,
  size bigint not null,
  made_at bigint not null,
  expires_at bigint not null,
  fetched_at bigint
);
create index copies_subject on copies (subject);
