#include "platform/demo/course_text.hpp"

#include "platform/courses/course_folder.hpp"
#include "platform/demo/random.hpp"
#include "platform/demo/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <numeric>

namespace calyptenora::platform::demo {
namespace {

constexpr std::uint64_t text_stream = 1, order_stream = 2;
constexpr std::array<std::string_view, 3> levels{"beginner", "intermediate", "advanced"};
constexpr std::array level_weights{0.5, 0.35, 0.15};
/// In whole units of the currency; most courses are free.
constexpr std::array prices{0, 19, 29, 49, 79};
constexpr std::array price_weights{0.8, 0.07, 0.06, 0.04, 0.03};

std::vector<std::size_t> shuffled(std::size_t count, Random& random) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    for (auto i = count; i > 1; --i)
        std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

std::string capitalised(std::string_view text) {
    std::string word(text);
    if (!word.empty() && word[0] >= 'a' && word[0] <= 'z')
        word[0] = static_cast<char>(word[0] - 'a' + 'A');
    return word;
}

/// Writes about one topic.
class Writer {
  public:
    Writer(const Language& language, const Subject& subject, std::size_t topic, Random& random)
        : language_(language), subject_(subject), topic_(topic), random_(random) {}

    /// The pattern with its places filled.
    std::string fill(std::string_view pattern) {
        std::string text;
        for (std::size_t i = 0; i < pattern.size(); ++i) {
            if (pattern[i] != '{') {
                text += pattern[i];
                continue;
            }
            switch (pattern[i + 1]) {
                case 't':
                    text += subject_.topics[topic_];
                    break;
                case 'T':
                    text += capitalised(subject_.topics[topic_]);
                    break;
                case 'o':
                    text += subject_.topics[(topic_ + 1 + random_.below(subject_.topics.size() - 1)) %
                                            subject_.topics.size()];
                    break;
                case 'p':
                    text += random_.pick(language_.places);
                    break;
                default:
                    text += std::to_string(3 + random_.below(27));
            }
            i += 2;
        }
        return text;
    }

    std::string lesson(const std::string& title) {
        auto text = fmt::format("---\ntitle: \"{}\"\n---\n\n{}\n", title, paragraph());
        const auto headings = shuffled(language_.headings.size(), random_);
        const auto sections = 2 + random_.below(3);
        for (std::size_t i = 0; i < sections; ++i) {
            text += fmt::format("\n## {}\n\n{}\n", language_.headings[headings[i]], paragraph());
            if (random_.chance(0.5))
                text += "\n" + paragraph() + "\n";
            if (random_.chance(0.4))
                text += "\n" + list();
        }
        return text;
    }

  private:
    std::string paragraph() {
        const auto order = shuffled(language_.sentences.size(), random_);
        const auto count = 3 + random_.below(4);
        std::string text;
        for (std::size_t i = 0; i < count; ++i)
            text += (i > 0 ? "\n" : "") + fill(language_.sentences[order[i]]);
        return text;
    }

    std::string list() {
        const auto order = shuffled(language_.steps.size(), random_);
        std::string text;
        for (std::size_t i = 0; i < 3; ++i)
            text += fmt::format("{}. {}\n", i + 1, fill(language_.steps[order[i]]));
        return text;
    }

    const Language& language_;
    const Subject& subject_;
    std::size_t topic_;
    Random& random_;
};

}  // namespace

std::string course_prefix(std::uint64_t seed) {
    return fmt::format("demo-{}-", seed);
}

CourseText make_course_text(std::uint64_t seed, int index, const std::optional<std::string>& currency) {
    Random random(seed, text_stream, static_cast<std::uint64_t>(index));
    const auto& language = index % 3 == 2 ? english() : german();
    const auto number = static_cast<std::size_t>(index);
    // Each combination of topic and title once, in an order of the seed's own, before any comes again.
    const auto topics = language.subjects.size() * language.subjects[0].topics.size();
    Random order_random(seed, order_stream, index % 3 == 2 ? 1 : 0);
    const auto order = shuffled(topics * language.titles.size(), order_random);
    const auto combination = order[number % order.size()];
    const auto round = number / order.size();
    const auto topic = combination % topics;
    const auto& subject = language.subjects[topic / 8];
    Writer writer(language, subject, topic % 8, random);

    auto title = writer.fill(language.titles[combination / topics]);
    if (round > 0)
        title = fmt::format(fmt::runtime(language.part), title, round + 1);
    const auto slug = fmt::format("{}{}-{}", course_prefix(seed), number + 1, make_slug(title));
    const auto author =
        fmt::format("{} {}", random.pick(language.first_names), random.pick(language.last_names));
    const auto price = prices[random.weighted(price_weights)];

    CourseText course;
    course.slug = slug;
    const auto summary = writer.fill(random.pick(language.summaries));
    course.yaml = fmt::format(
        "title: \"{}\"\nslug: {}\nlanguage: {}\nsummary: \"{}\"\nsubject: {}\nlevel: {}\nauthors: [\"{}\"]\n"
        "licence: CC0 1.0\nlicence_url: https://creativecommons.org/publicdomain/zero/1.0/\n",
        title, slug, language.key, summary, subject.name, levels[random.weighted(level_weights)], author);
    if (price > 0 && currency)
        course.yaml += fmt::format("price: {{amount: {}.00, currency: {}}}\n", price, *currency);
    course.yaml += "modules:\n";

    const auto titles = shuffled(language.lessons.size(), random);
    const auto modules = 2 + random.below(3);
    for (std::size_t m = 0; m < modules; ++m) {
        course.yaml += fmt::format("  - title: \"{}\"\n    lessons:\n", language.modules[m]);
        const auto lessons = 2 + random.below(2);
        for (std::size_t l = 0; l < lessons; ++l) {
            const auto lesson = course.lessons.size();
            const auto name = writer.fill(language.lessons[titles[lesson]]);
            course.lessons.push_back(
                {fmt::format("{:02}-{}.md", lesson + 1, make_slug(name)), writer.lesson(name)});
            course.yaml += fmt::format("      - {}\n", course.lessons.back().file);
        }
    }
    return course;
}

Status write_course_folder(const CourseText& course, const std::filesystem::path& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    const auto write = [&](const std::string& name, const std::string& text) -> Status {
        std::ofstream file(folder / name, std::ios::binary);
        if (!(file << text) || !file.flush())
            return Error(ErrorKind::temporary, fmt::format("{} cannot be written", (folder / name).string()));
        return {};
    };
    for (const auto& lesson : course.lessons)
        if (auto written = write(lesson.file, lesson.text); !written)
            return written;
    return write("course.yaml", course.yaml);
}

}  // namespace calyptenora::platform::demo
