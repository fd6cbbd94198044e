-- A recipient knows somebody under the name of the account, of a guest who signed in to it, or of both: a request has
-- a step, and an answer, for each.
create table new_request_steps (
  request text not null references requests (id),
  -- `family/name`; empty: the platform itself.
  instance text not null,
  -- The account, or the guest before: who it is at that recipient.
  subject text not null,
  recipient text not null,
  status text not null check (status in ('pending', 'in_progress', 'completed', 'partial', 'retained', 'manual',
                                         'failed', 'cancelled')),
  attempts bigint not null,
  next_attempt_at bigint not null,
  job text not null,
  outcome text not null,
  retained_until text,
  updated_at bigint not null,
  primary key (request, instance, subject)
);
insert into new_request_steps
  select s.request, s.instance, r.subject, s.recipient, s.status, s.attempts, s.next_attempt_at, s.job, s.outcome,
         s.retained_until, s.updated_at
  from request_steps s join requests r on r.id = s.request;
drop table request_steps;
alter table new_request_steps rename to request_steps;

create table new_recipient_answers (
  id text primary key,
  request text not null references requests (id),
  instance text not null,
  subject text not null,
  answer_enc text not null,
  answered_at bigint not null,
  unique (request, instance, subject)
);
insert into new_recipient_answers
  select id, request, instance, subject, answer_enc, answered_at from recipient_answers;
drop table recipient_answers;
alter table new_recipient_answers rename to recipient_answers;
create index recipient_answers_subject on recipient_answers (subject);
