#include "storage/key_store.hpp"
#include "storage/text.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

/// Looks for texts in files as somebody does who has the files, the key store and the master key, and
/// respects neither formats nor authentication: in the clear, and in whatever decrypts to them under any key,
/// wherever in a file it stands (free pages, logs of writing ahead, heap files).
///
///     canary_search KEY_STORE_URL MASTER_KEY_FILE PATH... < texts, one per line
///
/// Prints a line for each text and place: the text, tab, `clear` or the owner of the key, tab, the file.
namespace calyptenora {
namespace {

constexpr std::size_t nonce_bytes = crypto_stream_xchacha20_NONCEBYTES;
constexpr std::size_t tag_bytes = 16;
/// Of one sealed text; a longer one is found by its beginning.
constexpr std::size_t longest_run = 16 * 1024;

struct Key {
    std::string owner;
    storage::SecretKey key;
};

std::vector<Key> load_keys(storage::KeyStore& store) {
    std::vector<Key> keys{{"system", store.service().system_fields}};
    const auto subjects = store.database().run_blocking([](storage::Transaction& tx) {
        return Result<std::vector<std::tuple<storage::SubjectId>>>(
            tx.rows<storage::SubjectId>("select subject from subject_keys"));
    });
    for (const auto& [subject] : subjects.value())
        keys.push_back({subject.text(), store.load(subject).value()->key});
    return keys;
}

bool is_base64url(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// Whether a sealed text may begin here: its first byte is 1.
bool may_begin(std::string_view rest) {
    return rest.size() > 55 && rest[0] == 'A' &&
           ((rest[1] >= 'Q' && rest[1] <= 'Z') || (rest[1] >= 'a' && rest[1] <= 'f'));
}

/// What was encrypted, whatever was authenticated with it: AEAD's text is the key stream's from its second
/// block on.
std::string decrypt(const Key& key, std::string_view sealed) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(sealed.data());
    std::string plain(sealed.size() - 1 - nonce_bytes, '\0');
    crypto_stream_xchacha20_xor_ic(reinterpret_cast<unsigned char*>(plain.data()), bytes + 1 + nonce_bytes,
                                   plain.size(), bytes + 1, 1, key.key.data());
    return plain;
}

class Search {
  public:
    Search(std::vector<Key> keys, std::vector<std::string> texts)
        : keys_(std::move(keys)), texts_(std::move(texts)) {}

    void look_into(const std::filesystem::path& file) {
        std::ifstream stream(file, std::ios::binary);
        std::stringstream content;
        content << stream.rdbuf();
        const auto bytes = content.str();
        find_texts(bytes, "clear", file);
        for (std::size_t begin = 0; begin < bytes.size();) {
            if (!is_base64url(bytes[begin])) {
                ++begin;
                continue;
            }
            auto end = begin;
            while (end < bytes.size() && is_base64url(bytes[end]))
                ++end;
            look_into_run(std::string_view(bytes).substr(begin, end - begin), file);
            begin = end;
        }
    }

    const std::set<std::string>& findings() const { return findings_; }

  private:
    /// Values stand beside each other without a separator.
    void look_into_run(std::string_view run, const std::filesystem::path& file) {
        for (std::size_t at = 0; at < run.size(); ++at) {
            auto sealed = run.substr(at, longest_run);
            if (!may_begin(sealed))
                continue;
            // Whole groups: what is cut off is the end of the tag, or belongs to something else.
            sealed.remove_suffix(sealed.size() % 4);
            std::string decoded(sealed.size(), '\0');
            std::size_t size = 0;
            sodium_base642bin(reinterpret_cast<unsigned char*>(decoded.data()), decoded.size(), sealed.data(),
                              sealed.size(), nullptr, &size, nullptr,
                              sodium_base64_VARIANT_URLSAFE_NO_PADDING);
            decoded.resize(size);
            if (decoded.size() > 1 + nonce_bytes + tag_bytes)
                for (const auto& key : keys_)
                    find_texts(decrypt(key, decoded), key.owner, file);
        }
    }

    void find_texts(const std::string& bytes, const std::string& how, const std::filesystem::path& file) {
        for (const auto& text : texts_)
            if (bytes.find(text) != std::string::npos)
                findings_.insert(fmt::format("{}\t{}\t{}", text, how, file.string()));
    }

    const std::vector<Key> keys_;
    const std::vector<std::string> texts_;
    std::set<std::string> findings_;
};

int search(const std::vector<std::string>& words) {
    auto master = storage::MasterKey::load_or_create(words.at(1));
    auto store = storage::KeyStore::open(words.at(0), master.value(), {.sessions = 1, .on_fatal = {}});
    std::vector<std::string> texts;
    for (std::string line; std::getline(std::cin, line);)
        texts.push_back(line);
    Search search(load_keys(*store.value()), std::move(texts));
    for (std::size_t i = 2; i < words.size(); ++i)
        for (const auto& entry : std::filesystem::recursive_directory_iterator(words[i]))
            if (entry.is_regular_file())
                search.look_into(entry.path());
    for (const auto& finding : search.findings())
        fmt::print("{}\n", finding);
    return 0;
}

}  // namespace
}  // namespace calyptenora

int main(int count, char** arguments) {
    if (count < 4) {
        fmt::print(stderr, "usage: canary_search KEY_STORE_URL MASTER_KEY_FILE PATH... < texts\n");
        return 2;
    }
    return calyptenora::search({arguments + 1, arguments + count});
}
