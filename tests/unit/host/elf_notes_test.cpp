#include "host/elf_notes.hpp"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <random>

namespace calyptenora::host {
namespace {

std::string read_sample() {
    std::ifstream file(CALYPTENORA_BINARY_DIR "/tests/unit/sdk/plugins/analytics/sample/sample.so",
                       std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string refusal(const std::string& file) {
    const auto facts = read_elf(file);
    return facts ? "" : facts.error().message;
}

/// Changes program headers of a type.
std::string with_segment(std::string file, std::uint32_t type,
                         const std::function<void(Elf64_Phdr&)>& change) {
    Elf64_Ehdr header;
    std::memcpy(&header, file.data(), sizeof header);
    for (int i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        char* at = file.data() + header.e_phoff + i * sizeof segment;
        std::memcpy(&segment, at, sizeof segment);
        if (segment.p_type == type) {
            change(segment);
            std::memcpy(at, &segment, sizeof segment);
        }
    }
    return file;
}

/// Turns the entry with one tag of the dynamic section into another one.
std::string with_dynamic(std::string file, std::int64_t tag, Elf64_Dyn entry) {
    std::uint64_t offset = 0, size = 0;
    file = with_segment(file, PT_DYNAMIC, [&](Elf64_Phdr& segment) {
        offset = segment.p_offset;
        size = segment.p_filesz;
    });
    for (std::uint64_t at = offset; at < offset + size; at += sizeof entry) {
        Elf64_Dyn found;
        std::memcpy(&found, file.data() + at, sizeof found);
        if (found.d_tag == tag) {
            std::memcpy(file.data() + at, &entry, sizeof entry);
            break;
        }
    }
    return file;
}

TEST(ElfNotes, ReadsARealPlugin) {
    const auto facts = read_elf(read_sample());
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->abi, (AbiVersion{1, 0}));
    EXPECT_EQ(facts->manifest, "id: analytics/sample\n");
    EXPECT_TRUE(facts->exports_entry);
    EXPECT_NE(std::ranges::find(facts->needed, "libc.so.6"), facts->needed.end());
}

TEST(ElfNotes, TellsWhatIsNoPlugin) {
    EXPECT_EQ(refusal(""), "the file is not a shared library (no ELF header)");
    EXPECT_EQ(refusal("#!/bin/sh\nexit 0\n" + std::string(100, ' ')),
              "the file is not a shared library (no ELF header)");
    auto other_machine = read_sample();
    other_machine[offsetof(Elf64_Ehdr, e_machine)] = char(EM_RISCV);
    EXPECT_EQ(refusal(other_machine), "the file is not a shared library for this machine");
    std::ifstream library("/lib/x86_64-linux-gnu/libm.so.6", std::ios::binary);
    if (library)
        EXPECT_NE(refusal({std::istreambuf_iterator<char>(library), {}}).find("no Calyptenora notes"),
                  std::string::npos);
}

TEST(ElfNotes, RefusesAnExecutableStack) {
    const auto sample = read_sample();
    EXPECT_NE(refusal(with_segment(sample, PT_GNU_STACK, [](auto& s) { s.p_flags |= PF_X; }))
                  .find("executable stack"),
              std::string::npos);
    EXPECT_NE(refusal(with_segment(sample, PT_GNU_STACK, [](auto& s) { s.p_type = PT_NULL; })).find("stack"),
              std::string::npos);
}

TEST(ElfNotes, RefusesWhatChangesHowTheLoaderWorks) {
    const auto sample = read_sample();
    const auto replaced = [&](std::int64_t tag, std::uint64_t value) {
        return refusal(with_dynamic(sample, DT_FLAGS_1, Elf64_Dyn{tag, {value}}));
    };
    EXPECT_NE(replaced(DT_TEXTREL, 0).find("text relocations"), std::string::npos);
    EXPECT_NE(replaced(DT_FLAGS, DF_TEXTREL).find("text relocations"), std::string::npos);
    EXPECT_NE(replaced(DT_RUNPATH, 1).find("RUNPATH"), std::string::npos);
    EXPECT_NE(replaced(DT_RPATH, 1).find("RUNPATH"), std::string::npos);
    EXPECT_NE(replaced(DT_AUDIT, 1).find("AUDIT"), std::string::npos);
    EXPECT_NE(replaced(DT_FILTER, 1).find("FILTER"), std::string::npos);
    // The twin: an entry that is harmless.
    EXPECT_EQ(replaced(DT_DEBUG, 0), "");
}

TEST(ElfNotes, MissesARenamedEntry) {
    auto file = read_sample();
    // The name in the string table of the dynamic symbols; the first occurrence in the file.
    const auto at = file.find(std::string("\0calyptenora_plugin\0", 20));
    ASSERT_NE(at, std::string::npos);
    file[at + 1] = 'k';
    const auto facts = read_elf(file);
    ASSERT_TRUE(facts);
    EXPECT_FALSE(facts->exports_entry);
}

TEST(ElfNotes, SurvivesEveryTruncation) {
    const auto sample = read_sample();
    // Behind the loaded segments lie sections that only debuggers read.
    std::uint64_t loaded = 0;
    with_segment(sample, PT_LOAD, [&](Elf64_Phdr& segment) {
        loaded = std::max(loaded, segment.p_offset + segment.p_filesz);
    });
    for (std::size_t size = 0; size < sample.size(); size += size < 8192 ? 1 : 4099) {
        // A copy of exactly that size, so that AddressSanitizer sees each byte read past its end.
        const std::vector<char> cut(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(read_elf({cut.data(), cut.size()}).has_value(), size >= loaded) << size;
    }
}

TEST(ElfNotes, SurvivesMutations) {
    const auto sample = read_sample();
    std::uint64_t dynamic_offset = 0;
    with_segment(sample, PT_DYNAMIC, [&](Elf64_Phdr& segment) { dynamic_offset = segment.p_offset; });
    std::mt19937 random(2026);
    int refused = 0;
    auto file = sample;
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::pair<std::size_t, char>> undo;
        for (int flips = 1 + static_cast<int>(random() % 4); flips > 0; --flips) {
            // Where the reader looks: headers, notes, tables at the front, and the dynamic section.
            const auto at = random() % 3 == 0 ? dynamic_offset + random() % 512 : random() % 4096;
            undo.emplace_back(at, file[at]);
            file[at] = static_cast<char>(random() % 5 == 0 ? 0xff : random());
        }
        if (!read_elf(file))
            ++refused;
        for (auto entry = undo.rbegin(); entry != undo.rend(); ++entry)
            file[entry->first] = entry->second;
    }
    EXPECT_GT(refused, 500);
    EXPECT_TRUE(read_elf(file));
}

}  // namespace
}  // namespace calyptenora::host
