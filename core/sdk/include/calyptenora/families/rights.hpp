#pragma once

#include <calyptenora/families/operation.hpp>

/// What every family answers about one learner's data at the third party (Articles 15 to 18 GDPR).
namespace calyptenora::rights {

struct ExportSubject : Operation<"export_subject", SubjectRecord, SubjectOutcome> {};

struct EraseSubject : Operation<"erase_subject", SubjectRecord, SubjectOutcome> {};

struct RectifySubject : Operation<"rectify_subject", SubjectRecord, SubjectOutcome> {};

struct RestrictSubject : Operation<"restrict_subject", SubjectRecord, SubjectOutcome> {};

}  // namespace calyptenora::rights
