-- Cancellations (section 312k BGB) and withdrawals (section 356a BGB) that were declared by button.
create table declarations (
  id text primary key,
  kind text not null check (kind in ('cancellation', 'withdrawal')),
  alias text not null unique,
  subject text not null references subjects (id),
  order_id text references orders (id),
  language text not null,
  details_enc text not null,
  received_at bigint not null
);
create index declarations_subject on declarations (subject);
create index declarations_received on declarations (received_at);
