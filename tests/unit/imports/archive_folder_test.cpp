#include "platform/imports/archive_folder.hpp"

#include "course_folder_fixture.hpp"
#include "zip_builder.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace calyptenora::platform {
namespace {

namespace fs = std::filesystem;
using test::ZipBuilder;
using testing::HasSubstr;

class ArchiveFolder : public testing::Test {
  protected:
    Result<UnpackedArchive> unpack(const ArchiveLimits& limits = {}) {
        std::error_code ignored;
        fs::remove_all(target(), ignored);
        return unpack_archive(archive(), target(), {}, limits);
    }
    Result<UnpackedArchive> unpack(const ZipBuilder& zip, const ArchiveLimits& limits = {}) {
        zip.write(archive().string());
        return unpack(limits);
    }
    // Refused, with this in the message, and nothing beside the target.
    void expect_refused(const Result<UnpackedArchive>& result, const std::string& why) {
        ASSERT_FALSE(result) << why;
        EXPECT_EQ(result.error().kind, ErrorKind::invalid_input);
        EXPECT_THAT(result.error().message, HasSubstr(why));
        EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2) << why;
    }

    using Fill = std::function<void(struct archive*)>;
    void write_tar(const Fill& fill, bool gzip = true) {
        auto* writer = archive_write_new();
        archive_write_set_format_pax_restricted(writer);
        if (gzip)
            archive_write_add_filter_gzip(writer);
        ASSERT_EQ(archive_write_open_filename(writer, archive().c_str()), ARCHIVE_OK);
        fill(writer);
        archive_write_close(writer);
        archive_write_free(writer);
    }
    static void add(struct archive* writer, const std::string& name, const std::string& content,
                    const std::function<void(archive_entry*)>& change = {}) {
        auto* entry = archive_entry_new();
        archive_entry_set_pathname(entry, name.c_str());
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, la_int64_t(content.size()));
        if (change)
            change(entry);
        archive_write_header(writer, entry);
        archive_write_data(writer, content.data(), content.size());
        archive_entry_free(entry);
    }

    fs::path archive() const { return folder.path() / "a.zip"; }
    fs::path target() const { return folder.path() / "unpacked"; }
    static std::string content(const fs::path& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    test::TemporaryFolder folder;
};

TEST_F(ArchiveFolder, UnpacksFilesAndFoldersOfAZip) {
    const auto unpacked = unpack(ZipBuilder()
                                     .add("a.txt", "one")
                                     .add({.name = "sub/", .content = "", .mode = 040755})
                                     .add("sub/\xc3\xbc ber.txt", "two")
                                     .add("./deep/er//b.txt", "three")
                                     .add(".hidden", "x")
                                     .add("__MACOSX/a.txt", "x"));
    ASSERT_TRUE(unpacked) << unpacked.error().message;
    EXPECT_EQ(unpacked->entries, 3u);
    EXPECT_EQ(unpacked->bytes, 11u);
    EXPECT_EQ(content(target() / "sub/\xc3\xbc ber.txt"), "two");
    EXPECT_EQ(content(target() / "deep/er/b.txt"), "three");
    EXPECT_FALSE(fs::exists(target() / ".hidden"));
    EXPECT_FALSE(fs::exists(target() / "__MACOSX"));
}

TEST_F(ArchiveFolder, UnpacksACompressedTar) {
    write_tar([](auto* writer) {
        add(writer, "course/course.xml", "<course/>");
        add(writer, "./course/chapter/1.xml", "<chapter/>");
    });
    EXPECT_TRUE(is_archive(archive()));
    ASSERT_TRUE(unpack());
    EXPECT_EQ(content(target() / "course/chapter/1.xml"), "<chapter/>");
    write_tar([](auto* writer) { add(writer, "a.txt", "a"); }, false);
    EXPECT_TRUE(is_archive(archive()));
    EXPECT_TRUE(unpack());
}

TEST_F(ArchiveFolder, KnowsArchivesByTheirBeginning) {
    folder.write("a.zip", "PK but no archive");
    EXPECT_FALSE(is_archive(archive()));
    expect_refused(
        [&] {
            fs::remove_all(target());
            return unpack_archive(archive(), target());
        }(),
        "no ZIP or tar file");
}

TEST_F(ArchiveFolder, RefusesNamesThatLeadElsewhere) {
    for (const char* name : {"../evil.txt", "a/../../evil.txt", "a/..", "..", "/etc/evil", "//evil",
                             "C:/evil.txt", "c:evil.txt"})
        expect_refused(unpack(ZipBuilder().add("ok.txt", "x").add(name, "x")),
                       std::string(name).find("..") != std::string::npos ? "leads out" : "absolute path");
    for (const char* name : {"..\\evil.txt", "a\\b.txt/c", "C:\\evil.txt", "a\nb", "a\x1b[2Jb"}) {
        const auto result = unpack(ZipBuilder().add("ok.txt", "x").add(name, "x"));
        ASSERT_FALSE(result) << name;
        EXPECT_EQ(result.error().message.find_first_of("\n\x1b"), std::string::npos);
    }
    EXPECT_FALSE(fs::exists(folder.path() / "evil.txt"));
}

TEST_F(ArchiveFolder, ANameEndsAtNul) {
    // What stands behind it is no part of any name that is made.
    const auto result = unpack(ZipBuilder().add(std::string("a.txt\0/../../evil", 17), "x"));
    if (result)
        EXPECT_TRUE(fs::exists(target() / "a.txt"));
    EXPECT_FALSE(fs::exists(folder.path() / "evil"));
}

TEST_F(ArchiveFolder, RefusesLinksAndDevices) {
    expect_refused(unpack(ZipBuilder().add({.name = "link", .content = "/etc/passwd", .mode = 0120777})),
                   "is a link");
    write_tar([](auto* writer) {
        add(writer, "a.txt", "x");
        add(writer, "hard", "", [](auto* entry) { archive_entry_set_hardlink(entry, "a.txt"); });
    });
    expect_refused(unpack(), "\"hard\" is a link");
    write_tar([](auto* writer) {
        add(writer, "soft", "", [](auto* entry) {
            archive_entry_set_filetype(entry, AE_IFLNK);
            archive_entry_set_symlink(entry, "..");
        });
        add(writer, "soft/evil.txt", "x");
    });
    expect_refused(unpack(), "\"soft\" is a link");
    for (const auto type : {AE_IFCHR, AE_IFBLK, AE_IFIFO}) {
        write_tar([&](auto* writer) {
            add(writer, "device", "", [&](auto* entry) { archive_entry_set_filetype(entry, type); });
        });
        expect_refused(unpack(), "neither a file nor a folder");
    }
}

TEST_F(ArchiveFolder, RefusesTwoEntriesOfOneNameAndFilesThatAreFoldersToo) {
    expect_refused(unpack(ZipBuilder().add("a.txt", "1").add("./a.txt", "2")), "is there twice");
    EXPECT_FALSE(unpack(ZipBuilder().add("a", "1").add("a/b", "2")));
    const auto alike = unpack(ZipBuilder().add("Plan.png", "1").add("plan.png", "2"));
    ASSERT_TRUE(alike);
    EXPECT_THAT(alike->alike, testing::ElementsAre("Plan.png and plan.png"));
}

TEST_F(ArchiveFolder, RefusesWhatIsDamagedEncryptedOrLies) {
    std::string damaged = ZipBuilder().add("a.txt", std::string(1000, 'x')).bytes();
    damaged[200] = 'y';
    folder.write("a.zip", damaged);
    expect_refused(unpack(), "is damaged");
    EXPECT_FALSE(unpack(ZipBuilder().add({.name = "a", .content = "xyz", .claimed_size = 1'000'000})));
    EXPECT_FALSE(
        unpack(ZipBuilder().add({.name = "a", .content = std::string(5000, 'x'), .claimed_size = 3})));
    expect_refused(unpack(ZipBuilder().add({.name = "a", .content = std::string(40, 'x'), .flags = 0x0801})),
                   "encrypted");
    // 14 is LZMA, whose dictionary may ask for gigabytes.
    expect_refused(unpack(ZipBuilder().add({.name = "a", .content = std::string(40, 'x'), .method = 14})),
                   "uncommon way");
    const std::string half = ZipBuilder().add("a.txt", std::string(10'000, 'x')).bytes().substr(0, 3000);
    folder.write("a.zip", half);
    EXPECT_FALSE(unpack());
}

TEST_F(ArchiveFolder, HasLimitsForEntriesBytesDepthAndNames) {
    ZipBuilder many;
    for (int i = 0; i < 20; ++i)
        many.add("f" + std::to_string(i), "x");
    EXPECT_TRUE(unpack(many, {.entries = 20}));
    expect_refused(unpack(many, {.entries = 19}), "more than 19 entries");
    const auto large = ZipBuilder().add("a", std::string(3 << 20, 'x'));
    EXPECT_TRUE(unpack(large, {.bytes = 3 << 20}));
    expect_refused(unpack(large, {.bytes = 2 << 20}), "more than 2 MiB");
    std::string deep;
    for (int i = 0; i < 40; ++i)
        deep += "d/";
    expect_refused(unpack(ZipBuilder().add(deep + "a", "x")), "lies too deep");
    expect_refused(unpack(ZipBuilder().add(std::string(250, 'n'), "x")), "too long");
}

// A gigabyte of zeros in a megabyte, as tar.gz and as a ZIP in which nothing but the ratio gives it away.
TEST_F(ArchiveFolder, StopsABombLongBeforeItIsUnpacked) {
    const auto fill = [](struct archive* writer) {
        auto* entry = archive_entry_new();
        archive_entry_set_pathname(entry, "bomb");
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, 256LL << 20);
        archive_write_header(writer, entry);
        const std::string zeros(1 << 20, '\0');
        for (int i = 0; i < 256; ++i)
            archive_write_data(writer, zeros.data(), zeros.size());
        archive_entry_free(entry);
    };
    write_tar(fill);
    ASSERT_LT(fs::file_size(archive()), 2u << 20);
    expect_refused(unpack(), "times as large");
    EXPECT_LT(fs::file_size(target() / "bomb"), 64u << 20);
    auto* writer = archive_write_new();
    archive_write_set_format_zip(writer);
    ASSERT_EQ(archive_write_open_filename(writer, archive().c_str()), ARCHIVE_OK);
    fill(writer);
    archive_write_free(writer);
    expect_refused(unpack(), "times as large");
    EXPECT_LT(fs::file_size(target() / "bomb"), 64u << 20);
    // The control: without the limit it is all there.
    ASSERT_TRUE(unpack({.ratio = 1'000'000}));
    EXPECT_EQ(fs::file_size(target() / "bomb"), 256u << 20);
}

TEST_F(ArchiveFolder, AnArchiveCompressedTwiceIsRefused) {
    write_tar([](auto* writer) {
        archive_write_add_filter_gzip(writer);
        add(writer, "a.txt", "x");
    });
    auto* writer = archive_write_new();
    archive_write_set_format_pax_restricted(writer);
    archive_write_add_filter_gzip(writer);
    archive_write_add_filter_gzip(writer);
    ASSERT_EQ(archive_write_open_filename(writer, archive().c_str()), ARCHIVE_OK);
    add(writer, "a.txt", "x");
    archive_write_free(writer);
    expect_refused(unpack(), "more than once");
}

// In a process of its own: how much memory is used at most must not depend on what the archive holds.
TEST_F(ArchiveFolder, MemoryStaysSmallWhateverIsUnpacked) {
    write_tar(
        [](auto* writer) {
            auto* entry = archive_entry_new();
            archive_entry_set_pathname(entry, "video.mp4");
            archive_entry_set_filetype(entry, AE_IFREG);
            archive_entry_set_perm(entry, 0644);
            archive_entry_set_size(entry, 200LL << 20);
            archive_write_header(writer, entry);
            std::string noise(1 << 20, '\0');
            std::uint32_t state = 1;
            for (int i = 0; i < 200; ++i) {
                for (char& c : noise)
                    c = char((state = state * 1664525u + 1013904223u) >> 24);
                archive_write_data(writer, noise.data(), noise.size());
            }
            archive_entry_free(entry);
        },
        false);
    const auto peak = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const long before = peak();
        const auto unpacked = unpack_archive(archive(), target());
        _exit(!unpacked || unpacked->bytes != 200u << 20 ? 2 : peak() - before > 16 * 1024 ? 3 : 0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0) << "2: not unpacked, 3: more than 16 MiB";
}

}  // namespace
}  // namespace calyptenora::platform
