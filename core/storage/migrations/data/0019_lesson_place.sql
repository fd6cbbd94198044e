-- Where in its text a lesson was left: heading, block below it and per mille of that block (platform/place.hpp).
alter table lesson_progress add column place text;
