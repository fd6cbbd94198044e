-- What a restored backup of the data must not forget. Here, since no backup of the data holds the key store.
create table tombstones (
  subject text not null,
  kind text not null check (kind in ('withdrawal', 'guardian_withdrawal', 'objection', 'restriction', 'erasure')),
  instance text not null,
  purpose text not null,
  at bigint not null,
  primary key (subject, kind, instance, purpose)
);
create index tombstones_at on tombstones (at);
