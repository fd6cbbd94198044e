#include "host/output_lines.hpp"

#include <gtest/gtest.h>

namespace calyptenora::host {
namespace {

using namespace std::chrono_literals;

class OutputLinesTest : public testing::Test {
  protected:
    void write(std::string_view bytes) {
        lines_.append(bytes, now_, [this](std::string line) { seen_.push_back(std::move(line)); });
    }
    void finish() {
        lines_.finish(now_, [this](std::string line) { seen_.push_back(std::move(line)); });
    }
    OutputLines lines_;
    OutputLines::Time now_ = OutputLines::Time(1h);
    std::vector<std::string> seen_;
};

TEST_F(OutputLinesTest, PiecesBecomeLines) {
    write("one\ntw");
    write("o\n\nthree");
    EXPECT_EQ(seen_, (std::vector<std::string>{"one", "two"}));
    finish();
    EXPECT_EQ(seen_.back(), "three");
}

TEST_F(OutputLinesTest, ALongLineIsCut) {
    for (int i = 0; i < 100; ++i)
        write(std::string(1000, 'x'));
    write("\nshort\n");
    ASSERT_EQ(seen_.size(), 2u);
    EXPECT_EQ(seen_[0], std::string(OutputLines::longest_line, 'x') + " ...");
    EXPECT_EQ(seen_[1], "short");
}

TEST_F(OutputLinesTest, TooManyLinesAreCounted) {
    for (int i = 0; i < 150; ++i)
        write("line\n");
    EXPECT_EQ(seen_.size(), 100u);
    now_ += 1min;
    write("later\n");
    ASSERT_EQ(seen_.size(), 102u);
    EXPECT_EQ(seen_[100], "(50 lines were left out: more than 100 in a minute)");
    EXPECT_EQ(seen_[101], "later");
}

}  // namespace
}  // namespace calyptenora::host
