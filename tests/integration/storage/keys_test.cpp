#include "storage/field_cipher.hpp"
#include "storage/key_store.hpp"
#include "storage/signature.hpp"
#include "storage/text.hpp"
#include "support/databases.hpp"

namespace calyptenora::storage {
namespace {

class Keys : public test::StoreTest {
  protected:
    SubjectId make_subject() {
        const auto id = SubjectId::make();
        keys().create(id).value();
        return id;
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Keys);

TEST_P(Keys, DecryptWhatTheyEncrypted) {
    const auto subject = make_subject();
    const FieldAddress address{"learners", subject.text(), "email_enc"};
    const auto sealed = cipher().encrypt(subject, address, "mia@example.org").value();
    EXPECT_EQ(cipher().decrypt(subject, address, sealed).value(), "mia@example.org");
}

TEST_P(Keys, BindCiphertextToTableRowColumnAndSubject) {
    const auto subject = make_subject();
    const auto sealed = cipher().encrypt(subject, {"learners", "1", "email_enc"}, "x").value();
    for (const auto& elsewhere :
         {FieldAddress{"cases", "1", "email_enc"}, FieldAddress{"learners", "2", "email_enc"},
          FieldAddress{"learners", "1", "name_enc"}, FieldAddress{"learners", "1 email_enc", ""}}) {
        const auto moved = cipher().decrypt(subject, elsewhere, sealed);
        ASSERT_FALSE(moved);
        EXPECT_EQ(moved.error().kind, ErrorKind::denied);
    }
    EXPECT_FALSE(cipher().decrypt(make_subject(), {"learners", "1", "email_enc"}, sealed));
}

TEST_P(Keys, MakeDataUnreadableWhenDestroyed) {
    const auto subject = make_subject();
    const FieldAddress address{"learners", subject.text(), "email_enc"};
    const auto sealed = cipher().encrypt(subject, address, "mia@example.org").value();
    const auto pseudonym = cipher().pseudonym(subject, "analytics/xapi").value();
    ASSERT_TRUE(keys().destroy(subject));
    ASSERT_TRUE(keys().destroy(subject));
    for (const auto& failed :
         {cipher().decrypt(subject, address, sealed), cipher().encrypt(subject, address, "y"),
          cipher().pseudonym(subject, "analytics/xapi")}) {
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().kind, ErrorKind::not_found);
    }
    // Nor with a new key of the same subject, nor from another process.
    ASSERT_TRUE(keys().create(subject));
    EXPECT_FALSE(cipher().decrypt(subject, address, sealed));
    EXPECT_NE(cipher().pseudonym(subject, "analytics/xapi").value(), pseudonym);
}

TEST_P(Keys, AreMadeOnce) {
    const auto subject = make_subject();
    const auto sealed = cipher().encrypt(subject, {"t", "r", "c"}, "x").value();
    ASSERT_TRUE(keys().create(subject));
    const auto other = KeyStore::open(keys_url_, master_).value();
    EXPECT_EQ(FieldCipher(*other).decrypt(subject, {"t", "r", "c"}, sealed).value(), "x");
}

TEST_P(Keys, GiveEachInstanceAPseudonymOfItsOwn) {
    const auto subject = make_subject();
    const auto one = cipher().pseudonym(subject, "analytics/xapi").value();
    EXPECT_EQ(one.size(), 32u);
    EXPECT_EQ(one, cipher().pseudonym(subject, "analytics/xapi").value());
    EXPECT_NE(one, cipher().pseudonym(subject, "analytics/xapi@second").value());
    EXPECT_NE(one, cipher().pseudonym(make_subject(), "analytics/xapi").value());
}

TEST_P(Keys, CommitToBytesPerCall) {
    const auto subject = make_subject();
    const auto call = CallId::make();
    const auto commitment = cipher().commitment(subject, call, "{}").value();
    EXPECT_EQ(commitment, cipher().commitment(subject, call, "{}").value());
    EXPECT_NE(commitment, cipher().commitment(subject, call, "{ }").value());
    EXPECT_NE(commitment, cipher().commitment(subject, CallId::make(), "{}").value());
}

TEST_P(Keys, FindAddressesBySpelling) {
    EXPECT_EQ(normalise_email("  Mia@Example.ORG\n"), "mia@example.org");
    EXPECT_EQ(cipher().email_lookup_hash("mia@example.org"), cipher().email_lookup_hash("mia@example.org"));
    EXPECT_NE(cipher().email_lookup_hash("mia@example.org"), cipher().email_lookup_hash("mie@example.org"));
}

TEST_P(Keys, RefuseAnotherMasterKey) {
    const auto refused = KeyStore::open(keys_url_, MasterKey::make());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_config);
    EXPECT_NE(refused.error().message.find(master_.id()), std::string::npos);
}

TEST_P(Keys, SurviveANewMasterKeyAndForgetTheOldOne) {
    const auto subject = make_subject();
    const FieldAddress address{"learners", subject.text(), "email_enc"};
    const auto sealed = cipher().encrypt(subject, address, "mia@example.org").value();
    const auto pseudonym = cipher().pseudonym(subject, "analytics/xapi").value();
    const auto lookup = cipher().email_lookup_hash("mia@example.org");
    const auto signature = make_signature(keys().service().ledger_signing, "x");
    const auto fresh = MasterKey::make();
    const auto changed = keys().rewrap(fresh);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(*changed, 3) << "one subject, and two secrets of the installation";
    const auto later = make_subject();

    EXPECT_FALSE(KeyStore::open(keys_url_, master_));
    const auto reopened = KeyStore::open(keys_url_, fresh);
    ASSERT_TRUE(reopened) << reopened.error().message;
    const FieldCipher same(**reopened);
    EXPECT_EQ(same.decrypt(subject, address, sealed).value(), "mia@example.org");
    EXPECT_EQ(same.pseudonym(subject, "analytics/xapi").value(), pseudonym);
    EXPECT_EQ(same.email_lookup_hash("mia@example.org"), lookup);
    EXPECT_TRUE(same.pseudonym(later, "analytics/xapi"));
    EXPECT_EQ(make_signature((*reopened)->service().ledger_signing, "x"), signature);
}

TEST_P(Keys, AreNeverStoredInTheClear) {
    const auto subject = make_subject();
    const auto secrets = keys().load(subject).value();
    const auto [key, salt] = *keys().database().run_blocking([&](Transaction& tx) {
        return Result<std::tuple<std::string, std::string>>(*tx.find<std::string, std::string>(
            "select wrapped_key, wrapped_salt from subject_keys where subject = :subject", subject));
    });
    EXPECT_FALSE(key.empty());
    EXPECT_EQ(key.find(make_hex({secrets->key.data(), 32})), std::string::npos);
    EXPECT_NE(key, make_base64url(secrets->key.bytes()));
    EXPECT_NE(salt, make_base64url(secrets->salt.bytes()));
}

}  // namespace
}  // namespace calyptenora::storage
