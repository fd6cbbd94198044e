-- What the search of the catalogue finds: derived from the course folders, and made anew from them at any time. A document is
-- one course's text in one wording, named by its hash; processes with other courses have other documents beside it.
create table course_documents (
  document text primary key,
  -- When a process last had this course.
  used_at bigint not null
);
-- @search_index course_search title about lessons body
