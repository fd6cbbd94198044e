#include "storage/encrypted_file.hpp"

#include "support/databases.hpp"

#include <fstream>

namespace calyptenora::storage {
namespace {

class EncryptedFile : public test::StoreTest {
  protected:
    std::filesystem::path file() const { return folder_.path() / "letter"; }

    void store(const SubjectId& subject, const std::string& text, std::size_t piece = 7'919) {
        auto writer = EncryptedFileWriter::create(file(), cipher(), subject, "letter").value();
        for (std::size_t at = 0; at < text.size(); at += piece)
            writer.write(std::string_view(text).substr(at, piece)).value();
        writer.finish().value();
    }

    /// The text, or how reading it ends.
    std::string load(const SubjectId& subject, std::string_view name = "letter") {
        auto reader = EncryptedFileReader::open(file(), cipher(), subject, name);
        if (!reader)
            return "cannot be opened: " +
                   std::string(boost::describe::enum_to_string(reader.error().kind, ""));
        std::string text;
        for (;;) {
            const auto chunk = reader->read();
            if (!chunk)
                return "cannot be read: " +
                       std::string(boost::describe::enum_to_string(chunk.error().kind, ""));
            if (!*chunk)
                return text.size() == reader->size() ? text : "has another size than it says";
            text += **chunk;
        }
    }

    std::string bytes() const {
        std::ifstream in(file(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void replace_bytes(const std::string& text) const {
        std::ofstream(file(), std::ios::binary | std::ios::trunc) << text;
    }
};
CALYPTENORA_ON_BOTH_DATABASES(EncryptedFile);

std::string make_text(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>(i * 31 + i / 256);
    return text;
}

TEST_P(EncryptedFile, IsReadAsItWasWritten) {
    const auto mia = make_learner();
    for (const std::size_t size : {0, 1, 65'535, 65'536, 65'537, 131'072, 200'000}) {
        store(mia, make_text(size));
        EXPECT_EQ(load(mia), make_text(size)) << size;
    }
}

TEST_P(EncryptedFile, IsFoundOutWhereverItWasAlteredOrCutOff) {
    const auto mia = make_learner();
    store(mia, make_text(150'000));
    const auto whole = bytes();
    EXPECT_EQ(whole.find(make_text(150'000).substr(1'000, 40)), std::string::npos);
    for (std::size_t at = 0; at < whole.size(); at += at < 300 ? 1 : 9'973) {
        auto altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        replace_bytes(altered);
        EXPECT_TRUE(load(mia).starts_with("cannot be ")) << "a bit at " << at;
    }
    const auto chunk = 65'536u + 17;
    const auto head = whole.size() - 150'000 - 3 * 17;
    for (const auto size :
         {std::size_t(0), head - 1, head, head + chunk, head + 2 * chunk, whole.size() - 1}) {
        replace_bytes(whole.substr(0, size));
        EXPECT_EQ(load(mia).substr(0, 10), "cannot be ") << "cut off at " << size;
    }
    replace_bytes(whole + "x");
    EXPECT_EQ(load(mia), "cannot be read: denied");
    // Two chunks in the wrong order.
    replace_bytes(whole.substr(0, head) + whole.substr(head + chunk, chunk) + whole.substr(head, chunk) +
                  whole.substr(head + 2 * chunk));
    EXPECT_EQ(load(mia), "cannot be read: denied");
    replace_bytes(whole);
    EXPECT_EQ(load(mia), make_text(150'000));
}

TEST_P(EncryptedFile, OpensForItsPersonUnderItsNameOnly) {
    const auto mia = make_learner();
    const auto tom = make_learner("tom@example.org");
    store(mia, "secret");
    EXPECT_EQ(load(mia), "secret");
    EXPECT_EQ(load(tom), "cannot be opened: denied");
    EXPECT_EQ(load(mia, "another"), "cannot be opened: denied");
    ASSERT_TRUE(keys().destroy(mia));
    EXPECT_EQ(load(mia), "cannot be opened: not_found");
    EXPECT_EQ(EncryptedFileWriter::create(file(), cipher(), mia, "letter").error().kind,
              ErrorKind::not_found);
}

TEST_P(EncryptedFile, IsThereWholeOrNotAtAll) {
    const auto mia = make_learner();
    store(mia, "the first");
    {
        auto writer = EncryptedFileWriter::create(file(), cipher(), mia, "letter").value();
        ASSERT_TRUE(writer.write(make_text(100'000)));
        EXPECT_EQ(load(mia), "the first");
    }
    EXPECT_EQ(load(mia), "the first");
    EXPECT_FALSE(std::filesystem::exists(file().string() + ".unfinished"));
    EXPECT_EQ(
        EncryptedFileWriter::create(folder_.path() / "no folder" / "x", cipher(), mia, "x").error().kind,
        ErrorKind::temporary);
}

}  // namespace
}  // namespace calyptenora::storage
