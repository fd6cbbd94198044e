-- The key store: apart from the data, left out of its backups. Deleting a row makes what it encrypted unreadable.

create table subject_keys (
  subject text primary key,
  master_key_id text not null,
  wrapped_key text not null,
  wrapped_salt text not null,
  created_at bigint not null
);
create index subject_keys_master on subject_keys (master_key_id);

-- Secrets of the installation itself, random, so that the master key can change without changing what they made.
create table service_keys (
  name text primary key,
  master_key_id text not null,
  wrapped_key text not null,
  created_at bigint not null
);
