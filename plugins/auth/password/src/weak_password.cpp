#include "weak_password.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace calyptenora::password {
namespace {

// From published lists of the most frequent passwords, English and German, folded as below. Long ones that
// are made of shorter ones need no entry of their own.
constexpr auto common_words = std::to_array<std::string_view>({
    "password", "passwort",   "kennwort",    "passphrase",    "geheim",       "secret",     "letmein",
    "welcome",  "willkommen", "admin",       "administrator", "login",        "anmeldung",  "master",
    "monkey",   "dragon",     "football",    "fussball",      "baseball",     "basketball", "superman",
    "batman",   "princess",   "sunshine",    "iloveyou",      "ichliebedich", "shadow",     "michael",
    "charlie",  "daniel",     "jessica",     "thomas",        "schatz",       "schatzi",    "sommer",
    "summer",   "winter",     "fruehling",   "herbst",        "hallo",        "hello",      "test",
    "demo",     "user",       "benutzer",    "changeme",      "default",      "trustno",    "starwars",
    "pokemon",  "minecraft",  "computer",    "internet",      "google",       "facebook",   "berlin",
    "hamburg",  "muenchen",   "deutschland", "germany",       "correct",      "horse",      "battery",
    "staple",   "thisis",     "myp",         "dasist",        "mein",         "meine",      "lernen",
    "learning", "student",    "schule",      "school",        "lehrer",       "teacher",    "kurs",
    "course",   "monday",     "montag",      "freitag",       "friday",       "januar",     "january",
    "november", "dezember",   "december",    "love",          "liebe",        "baby",       "angel",
    "engel",    "killer",     "soccer",      "hockey",        "ranger",       "harley",     "thunder",
    "whatever", "freedom",    "freiheit",    "family",        "familie",      "ninja",      "mustang",
    "access",   "flower",     "blume",       "passw",         "pass",         "word",       "wort",
});

constexpr auto runs = std::to_array<std::string_view>({
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "01234567890123456789",
    "98765432109876543210",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "poiuytrewq",
    "poiuztrewq",
    "lkjhgfdsa",
    "mnbvcxz",
    "mnbvcxy",
    "1q2w3e4r5t6y7u8i9o0p",
    "1q2w3e4r5t6z7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1qay2wsx3edc4rfv5tgb6zhn7ujm8ik",
    "qazwsxedcrfvtgbyhnujm",
    "qaywsxedcrfvtgbzhnujm",
    "asdfasdf",
});

constexpr std::size_t strong_enough = 8;  // parts that have to be guessed, a free character being one

std::string lower_case(std::string_view text) {
    std::string folded(text);
    for (auto& c : folded)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return folded;
}

std::string letters_for_digits(std::string text) {
    constexpr std::string_view from = "0134578@$!|", to = "oleastbasii";
    for (auto& c : text)
        if (const auto at = from.find(c); at != std::string_view::npos)
            c = to[at];
    return text;
}

std::size_t word_at(std::string_view text, const std::vector<std::string>& forbidden) {
    std::size_t longest = 0;
    for (const auto word : common_words)
        if (word.size() > longest && text.starts_with(word))
            longest = word.size();
    for (const auto& word : forbidden)
        if (word.size() > longest && text.starts_with(word))
            longest = word.size();
    return longest;
}

std::size_t run_at(std::string_view text) {
    std::size_t longest = 0;
    for (const auto run : runs)
        for (std::size_t from = 0; from < run.size(); ++from) {
            std::size_t length = 0;
            while (from + length < run.size() && length < text.size() && run[from + length] == text[length])
                ++length;
            longest = std::max(longest, length);
        }
    return longest >= 4 ? longest : 0;
}

std::size_t year_at(std::string_view text) {
    const bool century = text.starts_with("19") || text.starts_with("20");
    return century && text.size() >= 4 && std::isdigit(static_cast<unsigned char>(text[2])) &&
                   std::isdigit(static_cast<unsigned char>(text[3]))
               ? 4
               : 0;
}

// How much of `text` from `at` on repeats what stands right before it, in steps of 1 to 12 characters.
std::size_t repetition_at(std::string_view text, std::size_t at) {
    std::size_t longest = 0;
    for (std::size_t step = 1; step <= std::min<std::size_t>(at, 12); ++step) {
        std::size_t length = 0;
        while (at + length < text.size() && text[at + length] == text[at + length - step])
            ++length;
        if (length >= std::max<std::size_t>(step, 2))
            longest = std::max(longest, length);
    }
    return longest;
}

}  // namespace

bool is_guessable(std::string_view password, const std::vector<std::string>& forbidden_words) {
    const auto plain = lower_case(password);
    const auto folded = letters_for_digits(plain);
    std::vector<std::string> forbidden;
    for (const auto& word : forbidden_words)
        if (word.size() >= 3) {
            forbidden.push_back(lower_case(word));
            forbidden.push_back(letters_for_digits(forbidden.back()));
        }
    // The fewest parts that the first n characters can be made of.
    std::vector<std::size_t> parts(plain.size() + 1, plain.size());
    parts[0] = 0;
    const auto reach = [&](std::size_t from, std::size_t length, std::size_t cost) {
        if (length)
            parts[from + length] = std::min(parts[from + length], parts[from] + cost);
    };
    for (std::size_t at = 0; at < plain.size(); ++at) {
        const auto rest = std::string_view(plain).substr(at);
        const bool separator = std::string_view(" -_.!,+*#?").find(plain[at]) != std::string_view::npos;
        reach(at, 1, separator && at > 0 ? 0 : 1);
        reach(at, word_at(rest, forbidden), 1);
        reach(at, word_at(std::string_view(folded).substr(at), forbidden), 1);
        reach(at, run_at(rest), 1);
        reach(at, year_at(rest), 1);
        reach(at, repetition_at(plain, at), 1);
    }
    return parts.back() < strong_enough;
}

}  // namespace calyptenora::password
