-- Since when a learner's processing is restricted: what is allowed afterwards counts (Art. 18(2) GDPR).
alter table learners add column restricted_at bigint;
-- For those who were restricted before this was kept, nothing that they have allowed so far counts.
update learners set restricted_at = (select coalesce(max(changed_at), learners.created_at) from consents
                                     where consents.subject = learners.id) where state = 'restricted';
