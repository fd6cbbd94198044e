-- Global Privacy Control is not forgotten either. SQLite cannot change a check, so the table is made anew.
create table new_tombstones (
  subject text not null,
  kind text not null check (kind in ('withdrawal', 'guardian_withdrawal', 'objection', 'restriction', 'erasure',
                                     'privacy_control')),
  instance text not null,
  purpose text not null,
  at bigint not null,
  primary key (subject, kind, instance, purpose)
);
insert into new_tombstones (subject, kind, instance, purpose, at)
  select subject, kind, instance, purpose, at from tombstones;
drop table tombstones;
alter table new_tombstones rename to tombstones;
create index tombstones_at on tombstones (at);
