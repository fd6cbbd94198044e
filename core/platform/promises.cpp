#include "platform/promises.hpp"

namespace calyptenora::platform {

std::span<const Promise> promises() {
    using enum KeptBy;
    static constexpr Promise all[] = {
        {"named", platform, "Documents.SayTheSameOfEveryRecipientAndField"},
        {"refusal", platform, "take the free course: nobody is told anything"},
        {"withdrawal", platform, "EmissionsBegin.NotAfterAWithdrawal"},
        {"consent_ends", platform, "PeoplesChoices.AreAskedForAgainWhenTheyEnd"},
        {"asked_again", platform, "PeoplesChoices.AreAskedForAgainWhenTermsWidenAndOnlyThen"},
        {"privacy_control", platform, "GateCall.PrivacyControlClosesAnalyticsByThirdPartiesUnlessChosenHere"},
        {"minors", platform, "GateCall.AMinorsConsentNeedsAGuardiansBesideIt"},
        {"pseudonyms", platform, "Keys.GiveEachInstanceAPseudonymOfItsOwn"},
        {"log", platform, "Ledger.FindsWhatWasAltered"},
        {"recipients_told", platform, "Rights.ARectificationCorrectsTheNameHereAndElsewhere"},
        {"kept_apart", platform, "Rights.WhatLawDemandsIsKeptApartUntilItsDate"},
        {"backups", platform, "Restored.WhoIsErasedStaysErasedAndVouchersStayWithoutTheName"},
        {"sealed", platform, "Learners.StoreNoPersonalTextInTheClear"},
        {"confined", platform, "Worker.OpensASocket"},
        {"staff_reason", platform,
         "the staff: a record is opened for a reason, the person reads of it, and somebody else reviews it"},
        {"four_eyes", platform, "AccessReviewsTest.FourEyesSignOff"},
        {"confidentiality", organisation, ""},
        {"authorities", platform, "LegalDemandsTest.WhoeverEnteredOrAssessedDoesNotRelease"},
        {"incidents", organisation, ""},
        {"changes", platform, "PolicyVersionsTest.ANewRecipientWaitsForItsDay"},
        {"decisions", organisation, ""},
        {"contracts", organisation, ""},
        {"upkeep", organisation, ""},
    };
    return all;
}

}  // namespace calyptenora::platform
