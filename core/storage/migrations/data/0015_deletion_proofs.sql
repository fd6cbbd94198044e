-- What was deleted because its time had come: how many rows, by which rule. It says nothing about people.
create table deletion_proofs (
  sequence bigint primary key,
  at bigint not null,
  category text not null,
  rule text not null,
  deleted bigint not null,
  previous_hash text not null,
  hash text not null
);
