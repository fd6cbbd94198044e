#include "host/elf_notes.hpp"

#include <elf.h>

#include <cstring>
#include <optional>

namespace calyptenora::host {
namespace {

constexpr std::string_view entry_symbol = "calyptenora_plugin";
constexpr std::string_view note_owner{"Calyptenora\0", 12};
constexpr std::size_t most_program_headers = 64;
constexpr std::size_t most_dynamic_entries = 1024;
constexpr std::size_t most_manifest_bytes = 1024 * 1024;

#if defined(__x86_64__)
constexpr std::uint16_t this_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t this_machine = EM_AARCH64;
#else
#error "plugins are read on x86-64 and aarch64 only"
#endif

Error refused(std::string why) {
    return Error(ErrorKind::permanent, std::move(why));
}

/// The file's bytes with bounds. Nothing else in here computes an address.
class Reader {
  public:
    explicit Reader(std::string_view file) : file_(file) {}

    std::optional<std::string_view> slice(std::uint64_t offset, std::uint64_t size) const {
        if (offset > file_.size() || size > file_.size() - offset)
            return std::nullopt;
        return file_.substr(offset, size);
    }

    template <class T>
    std::optional<T> read(std::uint64_t offset) const {
        const auto bytes = slice(offset, sizeof(T));
        if (!bytes)
            return std::nullopt;
        T value;
        std::memcpy(&value, bytes->data(), sizeof(T));
        return value;
    }

    /// The text from `offset` to its NUL, inside of `size` bytes.
    std::optional<std::string_view> text(std::uint64_t offset, std::uint64_t size) const {
        const auto bytes = slice(offset, size);
        const auto end = bytes ? bytes->find('\0') : std::string_view::npos;
        if (end == std::string_view::npos)
            return std::nullopt;
        return bytes->substr(0, end);
    }

  private:
    std::string_view file_;
};

/// The dynamic section's entries that matter, each at most once but DT_NEEDED.
struct Dynamic {
    std::uint64_t string_table = 0, string_size = 0, symbols = 0, gnu_hash = 0, hash = 0;
    std::vector<std::uint64_t> needed;
};

class ElfFile {
  public:
    explicit ElfFile(std::string_view file) : reader_(file) {}

    Result<ElfFacts> read() {
        if (auto headers = read_headers(); !headers)
            return headers.error();
        if (auto stack = check_stack(); !stack)
            return stack.error();
        if (auto notes = read_notes(); !notes)
            return notes.error();
        auto dynamic = read_dynamic();
        if (!dynamic)
            return dynamic.error();
        if (auto names = read_needed(*dynamic); !names)
            return names.error();
        facts_.exports_entry = finds_entry(*dynamic);
        return std::move(facts_);
    }

  private:
    Status read_headers() {
        const auto header = reader_.read<Elf64_Ehdr>(0);
        if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
            return refused("the file is not a shared library (no ELF header)");
        if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
            header->e_type != ET_DYN || header->e_machine != this_machine)
            return refused("the file is not a shared library for this machine");
        if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 ||
            header->e_phnum > most_program_headers)
            return refused("the file's program headers are not usable");
        for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
            if (header->e_phoff > UINT64_MAX - i * sizeof(Elf64_Phdr))
                return refused("the file is cut off inside its program headers");
            const auto segment = reader_.read<Elf64_Phdr>(header->e_phoff + i * sizeof(Elf64_Phdr));
            if (!segment)
                return refused("the file is cut off inside its program headers");
            if (segment->p_type == PT_LOAD && !reader_.slice(segment->p_offset, segment->p_filesz))
                return refused("the file is cut off: a loaded segment lies past its end");
            segments_.push_back(*segment);
        }
        return {};
    }

    Status check_stack() const {
        for (const auto& segment : segments_)
            if (segment.p_type == PT_GNU_STACK)
                return segment.p_flags & PF_X
                           ? Status(refused(
                                 "the file asks for an executable stack; link it with -z noexecstack"))
                           : Status();
        return refused("the file does not say that its stack is not executable; link it with -z noexecstack");
    }

    Status read_notes() {
        bool has_abi = false, has_manifest = false;
        for (const auto& segment : segments_) {
            if (segment.p_type != PT_NOTE)
                continue;
            const auto bytes = reader_.slice(segment.p_offset, segment.p_filesz);
            if (!bytes)
                return refused("the file is cut off inside its notes");
            const Reader notes(*bytes);
            // Notes of the GNU property are aligned to 8 and lie in a segment of their own.
            const std::uint64_t alignment = segment.p_align == 8 ? 8 : 4;
            const auto aligned = [&](std::uint64_t size) {
                return (size + alignment - 1) / alignment * alignment;
            };
            for (std::uint64_t at = 0; at < bytes->size();) {
                const auto note = notes.read<Elf64_Nhdr>(at);
                if (!note)
                    return refused("the file is cut off inside a note");
                const auto name = notes.slice(at + sizeof(Elf64_Nhdr), note->n_namesz);
                const auto description_at = at + aligned(sizeof(Elf64_Nhdr) + std::uint64_t(note->n_namesz));
                const auto description = notes.slice(description_at, note->n_descsz);
                if (!name || !description)
                    return refused("the file is cut off inside a note");
                at = description_at + aligned(note->n_descsz);
                if (*name != note_owner)
                    continue;
                if (note->n_type == 1 && description->size() == 4) {
                    if (std::exchange(has_abi, true))
                        return refused("the file has two notes with an interface version");
                    std::memcpy(&facts_.abi.major, description->data(), 2);
                    std::memcpy(&facts_.abi.minor, description->data() + 2, 2);
                } else if (note->n_type == 2 && !description->empty() && description->back() == '\0') {
                    if (std::exchange(has_manifest, true))
                        return refused("the file has two manifest notes");
                    if (description->size() > most_manifest_bytes)
                        return refused("the manifest inside the file is larger than 1 MiB");
                    facts_.manifest = description->substr(0, description->size() - 1);
                }
            }
        }
        if (!has_abi || !has_manifest)
            return refused("the file has no Calyptenora notes; build it with calyptenora_add_plugin()");
        return {};
    }

    Result<Dynamic> read_dynamic() const {
        for (const auto& segment : segments_) {
            if (segment.p_type != PT_DYNAMIC)
                continue;
            Dynamic dynamic;
            const auto count =
                std::min<std::uint64_t>(segment.p_filesz / sizeof(Elf64_Dyn), most_dynamic_entries);
            if (!reader_.slice(segment.p_offset, count * sizeof(Elf64_Dyn)))
                return refused("the file is cut off inside its dynamic section");
            for (std::uint64_t i = 0; i < count; ++i) {
                const auto entry = reader_.read<Elf64_Dyn>(segment.p_offset + i * sizeof(Elf64_Dyn));
                if (!entry || entry->d_tag == DT_NULL)
                    return entry ? Result<Dynamic>(std::move(dynamic)) : refused("the file is cut off");
                if (auto taken = take(*entry, dynamic); !taken)
                    return taken.error();
            }
            return refused("the file's dynamic section has no end");
        }
        return refused("the file has no dynamic section");
    }

    static Status take(const Elf64_Dyn& entry, Dynamic& dynamic) {
        const auto value = entry.d_un.d_val;
        switch (entry.d_tag) {
            case DT_NEEDED:
                dynamic.needed.push_back(value);
                break;
            case DT_STRTAB:
                dynamic.string_table = value;
                break;
            case DT_STRSZ:
                dynamic.string_size = value;
                break;
            case DT_SYMTAB:
                dynamic.symbols = value;
                break;
            case DT_GNU_HASH:
                dynamic.gnu_hash = value;
                break;
            case DT_HASH:
                dynamic.hash = value;
                break;
            case DT_TEXTREL:
                return refused("the file has text relocations; compile it with -fPIC");
            case DT_FLAGS:
                if (value & DF_TEXTREL)
                    return refused("the file has text relocations; compile it with -fPIC");
                break;
            case DT_RPATH:
            case DT_RUNPATH:
                return refused("the file names folders to look for libraries in (RUNPATH); link it without");
            case DT_AUDIT:
            case DT_DEPAUDIT:
            case DT_AUXILIARY:
            case DT_FILTER:
                return refused(
                    "the file makes the loader load further libraries (AUDIT or FILTER); link it without");
            default:
                break;
        }
        return {};
    }

    /// Where in the file the loader will find what it maps at an address.
    std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
        for (const auto& segment : segments_)
            if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
                address - segment.p_vaddr < segment.p_filesz)
                return segment.p_offset + (address - segment.p_vaddr);
        return std::nullopt;
    }

    template <class T>
    std::optional<T> read_at(std::uint64_t address) const {
        const auto offset = offset_of(address);
        return offset ? reader_.read<T>(*offset) : std::nullopt;
    }

    std::optional<std::string_view> name_at(const Dynamic& dynamic, std::uint64_t index) const {
        const auto table = offset_of(dynamic.string_table);
        if (!table || index >= dynamic.string_size || *table > UINT64_MAX - index)
            return std::nullopt;
        return reader_.text(*table + index, dynamic.string_size - index);
    }

    Status read_needed(const Dynamic& dynamic) {
        for (const auto index : dynamic.needed) {
            const auto name = name_at(dynamic, index);
            if (!name || name->empty() || name->size() > 255)
                return refused("the file names a library that it needs in an unreadable way");
            facts_.needed.emplace_back(*name);
        }
        return {};
    }

    bool is_entry(const Dynamic& dynamic, std::uint64_t index) const {
        const auto symbol = read_at<Elf64_Sym>(dynamic.symbols + index * sizeof(Elf64_Sym));
        if (!symbol || symbol->st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol->st_info) != STT_FUNC ||
            ELF64_ST_BIND(symbol->st_info) == STB_LOCAL)
            return false;
        return name_at(dynamic, symbol->st_name) == entry_symbol;
    }

    bool finds_entry(const Dynamic& dynamic) const {
        if (dynamic.symbols == 0)
            return false;
        return dynamic.gnu_hash ? finds_in_gnu_hash(dynamic) : finds_in_hash(dynamic);
    }

    /// The classic hash table: its chain is as long as the symbol table.
    bool finds_in_hash(const Dynamic& dynamic) const {
        const auto count = dynamic.hash ? read_at<std::uint32_t>(dynamic.hash + 4) : std::nullopt;
        for (std::uint64_t i = 1; count && i < *count && offset_of(dynamic.symbols + i * sizeof(Elf64_Sym));
             ++i)
            if (is_entry(dynamic, i))
                return true;
        return false;
    }

    /// The same walk as the loader's, so that both find the same symbol.
    bool finds_in_gnu_hash(const Dynamic& dynamic) const {
        std::uint32_t hash = 5381;
        for (const char c : entry_symbol)
            hash = hash * 33 + static_cast<unsigned char>(c);
        const auto buckets = read_at<std::uint32_t>(dynamic.gnu_hash);
        const auto first = read_at<std::uint32_t>(dynamic.gnu_hash + 4);
        const auto bloom_words = read_at<std::uint32_t>(dynamic.gnu_hash + 8);
        if (!buckets || *buckets == 0 || !first || !bloom_words)
            return false;
        const auto bucket_table = dynamic.gnu_hash + 16 + std::uint64_t(*bloom_words) * 8;
        const auto chain_table = bucket_table + std::uint64_t(*buckets) * 4;
        const auto start = read_at<std::uint32_t>(bucket_table + std::uint64_t(hash % *buckets) * 4);
        if (!start || *start < *first)
            return false;
        for (std::uint64_t i = *start;; ++i) {
            const auto link = read_at<std::uint32_t>(chain_table + (i - *first) * 4);
            if (!link)
                return false;
            if ((*link | 1) == (hash | 1) && is_entry(dynamic, i))
                return true;
            if (*link & 1)
                return false;
        }
    }

    Reader reader_;
    std::vector<Elf64_Phdr> segments_;
    ElfFacts facts_;
};

}  // namespace

Result<ElfFacts> read_elf(std::string_view file) {
    return ElfFile(file).read();
}

}  // namespace calyptenora::host
