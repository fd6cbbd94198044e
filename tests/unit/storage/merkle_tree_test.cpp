#include "storage/stores/merkle_tree.hpp"

#include "storage/text.hpp"

#include <gtest/gtest.h>

namespace calyptenora::storage {
namespace {

std::vector<std::string> make_leaves(std::size_t count) {
    std::vector<std::string> leaves;
    for (std::size_t i = 0; i < count; ++i)
        leaves.push_back(make_content_hash("leaf " + std::to_string(i)));
    return leaves;
}

std::string node(const std::string& left, const std::string& right) {
    return make_content_hash("node " + left + " " + right);
}

// The shapes of RFC 9162, section 2.1.1, by hand.
TEST(MerkleTree, HasTheShapeOfCertificateTransparency) {
    const auto l = make_leaves(7);
    const std::span all(l);
    EXPECT_EQ(make_merkle_root(all.first(1)), l[0]);
    EXPECT_EQ(make_merkle_root(all.first(2)), node(l[0], l[1]));
    EXPECT_EQ(make_merkle_root(all.first(3)), node(node(l[0], l[1]), l[2]));
    EXPECT_EQ(make_merkle_root(all.first(5)), node(node(node(l[0], l[1]), node(l[2], l[3])), l[4]));
    EXPECT_EQ(make_merkle_root(all),
              node(node(node(l[0], l[1]), node(l[2], l[3])), node(node(l[4], l[5]), l[6])));
}

TEST(MerkleTree, PathsLeadFromEachLeafToTheRootAndFromNowhereElse) {
    for (std::size_t size = 1; size <= 33; ++size) {
        const auto leaves = make_leaves(size);
        const auto root = make_merkle_root(leaves);
        const auto all = static_cast<std::int64_t>(size);
        for (std::size_t i = 0; i < size; ++i) {
            const auto index = static_cast<std::int64_t>(i);
            const auto path = make_merkle_path(leaves, i);
            ASSERT_EQ(follow_merkle_path(leaves[i], index, all, path), root) << i << " of " << size;
            EXPECT_NE(follow_merkle_path(make_content_hash("x"), index, all, path), root);
            for (std::int64_t other = -1; other <= all; ++other)
                if (other != index)
                    EXPECT_NE(follow_merkle_path(leaves[i], other, all, path), root) << other << " is " << i;
            auto longer = path;
            longer.push_back(root);
            EXPECT_FALSE(follow_merkle_path(leaves[i], index, all, longer));
            if (path.empty())
                continue;
            auto shorter = path;
            shorter.pop_back();
            EXPECT_FALSE(follow_merkle_path(leaves[i], index, all, shorter));
            auto altered = path;
            altered[i % path.size()][0] ^= 1;
            EXPECT_NE(follow_merkle_path(leaves[i], index, all, altered), root);
        }
        EXPECT_FALSE(follow_merkle_path(leaves[0], 0, 0, {}));
        EXPECT_FALSE(follow_merkle_path(leaves[0], 0, -1, {}));
    }
}

TEST(MerkleTree, NoNodePassesForALeaf) {
    const auto leaves = make_leaves(4);
    const auto inner = node(leaves[0], leaves[1]);
    // A tree of two "leaves" with the same root exists, but its first is no hash of a leaf's text.
    EXPECT_EQ(make_merkle_root(std::vector{inner, node(leaves[2], leaves[3])}), make_merkle_root(leaves));
    EXPECT_NE(make_content_hash("leaf " + leaves[0] + " " + leaves[1]), inner);
}

}  // namespace
}  // namespace calyptenora::storage
