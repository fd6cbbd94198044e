#include "platform/search_terms.hpp"

#include <libstemmer.h>
#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace calyptenora::platform {
namespace {

constexpr std::size_t most_words = 12;
/// Longer words are no words; FTS5 and tsvector have limits of their own.
constexpr int longest_word = 64;

/// Snowball for one language. Not for two threads at once.
class Stemmer {
  public:
    explicit Stemmer(const char* algorithm)
        : stemmer_(sb_stemmer_new(algorithm, "UTF_8"), &sb_stemmer_delete) {
        if (!stemmer_)
            throw std::logic_error(std::string("libstemmer lacks ") + algorithm);
    }
    std::string stem(const std::string& word) {
        const auto* found = sb_stemmer_stem(stemmer_.get(), reinterpret_cast<const sb_symbol*>(word.data()),
                                            static_cast<int>(word.size()));
        return {reinterpret_cast<const char*>(found),
                static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()))};
    }

  private:
    std::unique_ptr<sb_stemmer, void (*)(sb_stemmer*)> stemmer_;
};

Stemmer* find_stemmer(std::string_view language) {
    thread_local Stemmer german("german"), english("english");
    const auto primary = language.substr(0, language.find('-'));
    return primary == "de" ? &german : primary == "en" ? &english : nullptr;
}

const icu::Normalizer2& normalizer(const char* name, UNormalization2Mode mode) {
    UErrorCode failure = U_ZERO_ERROR;
    const auto* found = icu::Normalizer2::getInstance(nullptr, name, mode, failure);
    if (U_FAILURE(failure))
        throw std::runtime_error(std::string("ICU lacks its normalisation: ") + u_errorName(failure));
    return *found;
}

/// Letters and digits of a word, without accents: "naïve" is found by "naive".
std::string without_marks(const std::string& word) {
    UErrorCode failure = U_ZERO_ERROR;
    const auto decomposed =
        normalizer("nfc", UNORM2_DECOMPOSE).normalize(icu::UnicodeString::fromUTF8(word), failure);
    icu::UnicodeString kept;
    for (int at = 0; at < decomposed.length(); at = decomposed.moveIndex32(at, 1))
        if (const auto c = decomposed.char32At(at); u_isalnum(c))
            kept.append(c);
    std::string text;
    normalizer("nfc", UNORM2_COMPOSE).normalize(kept, failure).toUTF8String(text);
    return text;
}

/// Calls `on_word` with each word in lower case, as Unicode finds words (UAX 29, with dictionaries where
/// words are not set apart).
template <class F>
void each_word(std::string_view text, F on_word) {
    UErrorCode failure = U_ZERO_ERROR;
    const auto folded =
        normalizer("nfkc_cf", UNORM2_COMPOSE)
            .normalize(icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())}),
                       failure);
    thread_local std::unique_ptr<icu::BreakIterator> words(
        icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), failure));
    if (U_FAILURE(failure))
        throw std::runtime_error(std::string("ICU cannot find words: ") + u_errorName(failure));
    words->setText(folded);
    for (int begin = words->first(), end = words->next(); end != icu::BreakIterator::DONE;
         begin = end, end = words->next()) {
        if (words->getRuleStatus() < UBRK_WORD_NONE_LIMIT || end - begin > longest_word)
            continue;
        std::string word;
        folded.tempSubStringBetween(begin, end).toUTF8String(word);
        on_word(word);
    }
    // Not to hold on to the text, which ends here.
    words->setText(icu::UnicodeString());
}

/// The word as it is, and its stem if that is another.
std::vector<std::string> forms_of(const std::string& word, Stemmer* stemmer) {
    std::vector<std::string> forms;
    const auto add = [&](const std::string& form) {
        auto plain = without_marks(form);
        if (!plain.empty() && !std::ranges::count(forms, plain))
            forms.push_back(std::move(plain));
    };
    add(word);
    if (stemmer)
        add(stemmer->stem(word));
    return forms;
}

/// Elements that do not end a word.
bool is_within_words(std::string_view tag) {
    constexpr std::array<std::string_view, 13> inside{"a",    "abbr", "b",      "code", "em",  "i", "mark",
                                                      "samp", "span", "strong", "sub",  "sup", "u"};
    if (tag.starts_with('/'))
        tag.remove_prefix(1);
    return std::ranges::count(inside, tag.substr(0, tag.find_first_of(" >"))) > 0;
}

}  // namespace

std::vector<std::string> make_terms(std::string_view text, std::string_view language) {
    std::vector<std::string> terms;
    auto* const stemmer = find_stemmer(language);
    each_word(text, [&](const std::string& word) {
        for (auto& form : forms_of(word, stemmer))
            terms.push_back(std::move(form));
    });
    return terms;
}

std::string trim_query(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const auto begin = text.find_first_not_of(spaces);
    if (begin == std::string_view::npos)
        return {};
    text.remove_prefix(begin);
    auto end = std::min(text.size(), longest_query);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    text = text.substr(0, end);
    return std::string(text.substr(0, text.find_last_not_of(spaces) + 1));
}

std::vector<storage::SearchWord> make_query(std::string_view text) {
    std::vector<storage::SearchWord> query;
    each_word(trim_query(text), [&](const std::string& word) {
        auto forms = forms_of(word, find_stemmer("de"));
        for (auto& form : forms_of(word, find_stemmer("en")))
            if (!std::ranges::count(forms, form))
                forms.push_back(std::move(form));
        if (!forms.empty() && query.size() < most_words)
            query.push_back({std::move(forms), std::nullopt});
    });
    if (!query.empty())
        query.back().begins = query.back().forms.front();
    return query;
}

std::string plain_text(const SafeHtml& html) {
    constexpr std::array<std::pair<std::string_view, char>, 5> entities{
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}}};
    std::string text;
    for (std::string_view rest = html.str(); !rest.empty();) {
        if (rest.front() == '<') {
            const auto end = std::min(rest.find('>'), rest.size() - 1);
            if (!is_within_words(rest.substr(1, end)))
                text += ' ';
            rest.remove_prefix(end + 1);
            continue;
        }
        const auto entity =
            std::ranges::find_if(entities, [&](const auto& known) { return rest.starts_with(known.first); });
        text += entity == entities.end() ? rest.front() : entity->second;
        rest.remove_prefix(entity == entities.end() ? 1 : entity->first.size());
    }
    return text;
}

}  // namespace calyptenora::platform
