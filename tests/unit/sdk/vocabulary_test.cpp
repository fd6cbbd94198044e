#include <calyptenora/vocabulary.hpp>

#include <gtest/gtest.h>

namespace calyptenora {

TEST(Vocabulary, PrefixMatchesAtADotBoundaryOnly) {
    EXPECT_EQ(categories_under("user.contact"), CategoryMask(Category::user_contact_email));
    EXPECT_EQ(categories_under("user.contact.email"), CategoryMask(Category::user_contact_email));
    EXPECT_TRUE(categories_under("user.contacts").empty());
    EXPECT_TRUE(categories_under("user.cont").empty());
    EXPECT_TRUE(categories_under("").empty());
    EXPECT_EQ(categories_under("user.education").count(), 6);
    EXPECT_EQ(categories_under("user"), CategoryMask::all());
}

TEST(Vocabulary, EveryKeyFindsItsTerm) {
    for (std::size_t i = 0; i < category_keys.size(); ++i)
        EXPECT_EQ(find_term<Category>(category_keys[i]), static_cast<Category>(i));
    for (std::size_t i = 0; i < purpose_keys.size(); ++i)
        EXPECT_EQ(key_of(static_cast<Purpose>(i)), purpose_keys[i]);
    EXPECT_FALSE(find_term<Category>("user.contact"));
    EXPECT_FALSE(find_term<LegalBasis>("Consent"));
}

}  // namespace calyptenora
