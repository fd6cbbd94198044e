#include "storage/signature.hpp"

#include "storage/text.hpp"

#include <gtest/gtest.h>

namespace calyptenora::storage {
namespace {

std::string bytes_of_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return bytes;
}

// RFC 8032, section 7.1, tests 1 and 2.
TEST(Signature, IsThatOfTheStandard) {
    const auto first = SecretKey::from_bytes(
                           bytes_of_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
                           .value();
    EXPECT_EQ(make_public_key(first), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    EXPECT_EQ(make_signature(first, ""),
              make_base64url(bytes_of_hex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f"
                                          "b8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")));
    const auto second = SecretKey::from_bytes(
                            bytes_of_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
                            .value();
    EXPECT_EQ(make_signature(second, "r"),
              make_base64url(bytes_of_hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da08"
                                          "5ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")));
}

TEST(Signature, HoldsForThisKeyAndThisTextAlone) {
    const auto seed = SecretKey::make();
    const auto key = make_public_key(seed);
    const auto signature = make_signature(seed, "text");
    EXPECT_TRUE(is_signed_by(key, "text", signature));
    EXPECT_FALSE(is_signed_by(key, "texT", signature));
    EXPECT_FALSE(is_signed_by(make_public_key(SecretKey::make()), "text", signature));
    for (std::size_t i = 0; i < signature.size(); ++i) {
        auto altered = signature;
        altered[i] = altered[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(is_signed_by(key, "text", altered)) << i;
    }
    for (std::size_t i = 0; i < key.size(); ++i) {
        auto altered = key;
        altered[i] = altered[i] == '0' ? '1' : '0';
        EXPECT_FALSE(is_signed_by(altered, "text", signature)) << i;
    }
    for (const auto* nonsense : {"", "x", "====", "AAAA"})
        EXPECT_FALSE(is_signed_by(key, "text", nonsense)) << nonsense;
    for (const auto& nonsense : {std::string(), std::string(64, 'g'), key + "00", key.substr(2)})
        EXPECT_FALSE(is_signed_by(nonsense, "text", signature)) << nonsense;
    auto upper = key;
    std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
    if (upper != key)
        EXPECT_FALSE(is_signed_by(upper, "text", signature)) << "one spelling only";
}

TEST(Signature, KeysHaveFingerprints) {
    // printf d75a...511a | xxd -r -p | sha256sum
    EXPECT_EQ(make_fingerprint("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
              "21fe 31df a154 a261 626b f854 046f d227 1b7b ed4b 6abe 45aa 5887 7ef4 7f97 21b9");
    EXPECT_EQ(make_fingerprint("no key"), "");
}

}  // namespace
}  // namespace calyptenora::storage
