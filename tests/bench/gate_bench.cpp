#include "gate/decide.hpp"
#include "gate/release.hpp"

#include <calyptenora/families/analytics.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>

/// The two things that the gate does for every call to a plugin, beside what a program without a gate would
/// do: `decide()` beside one look-up in a set of permissions, `write_record()` beside a function that writes
/// the same document. All four take turns in one run. Prints one line of JSON for each comparison, in
/// nanoseconds.
namespace calyptenora::gate {
namespace {

// --- The decision ---

struct Situation {
    Flow flow;
    SubjectState subject;
    Request request;
};

/// Situations as they come: mostly permitted, one person in eight has refused or withdrawn, few are special.
/// The order is random, so that the processor cannot learn it.
std::vector<Situation> make_situations(std::size_t count) {
    struct Kind {
        Purpose purpose;
        LegalBasis basis;
    };
    constexpr Kind kinds[] = {
        {Purpose::essential_service_authentication, LegalBasis::contract},
        {Purpose::essential_service_payment_processing, LegalBasis::contract},
        {Purpose::essential_service_operations_support, LegalBasis::contract},
        {Purpose::essential_service_content_delivery, LegalBasis::consent},
        {Purpose::essential_fraud_detection, LegalBasis::legitimate_interest},
        {Purpose::analytics_reporting_content_performance, LegalBasis::consent},
        {Purpose::personalize_content_recommendation, LegalBasis::consent},
        {Purpose::marketing_communications_email, LegalBasis::consent},
    };
    std::mt19937 random(1);
    const auto one_in = [&](unsigned n) { return random() % n == 0; };
    const Instant now{std::chrono::hours(24 * 365 * 50)};
    std::vector<Situation> situations(count);
    for (auto& [flow, subject, request] : situations) {
        const auto kind = kinds[random() % std::size(kinds)];
        flow.purpose = kind.purpose;
        flow.basis = kind.basis;
        flow.declared = CategoryMask::from_bits(random()) & CategoryMask::all();
        flow.granted = flow.declared & CategoryMask::from_bits(random() | random());
        flow.granted_by_name = flow.granted;
        flow.has_recipient = true;
        flow.third_party = !one_in(3);
        if (one_in(4))
            flow.device_access = DeviceAccess::consent;
        subject.readable = true;
        subject.consent = one_in(8) ? ConsentState::withdrawn : ConsentState::given;
        subject.consent_expires_at = now + std::chrono::hours(one_in(20) ? -1 : 1000);
        subject.consented = flow.granted;
        subject.objected = one_in(50);
        subject.restricted = one_in(100);
        request.now = now;
        request.fields = CategoryMask::from_bits(random()) & CategoryMask::all();
        request.device = flow.device_access.has_value();
        request.privacy_control = one_in(5);
    }
    return situations;
}

void decision(benchmark::State& state) {
    const auto situations = make_situations(1024);
    std::size_t i = 0;
    for (auto _ : state) {
        const auto& [flow, subject, request] = situations[i++ % situations.size()];
        auto outcome = decide(flow, subject, request);
        benchmark::DoNotOptimize(outcome);
    }
}

/// What stands for "may this field go there" without a gate: is "learner|recipient|purpose|field" in the set?
/// Half of what is asked is there. The keys are made beforehand, and each answers for one field only.
void set_look_up(benchmark::State& state) {
    std::mt19937 random(1);
    std::unordered_set<std::string> permissions;
    std::vector<std::string> asked;
    for (int learner = 0; learner < 2000; ++learner)
        for (const auto field : category_keys) {
            auto key = fmt::format("0190b2c4-{:04}|analytics/xapi|{}|{}", learner,
                                   key_of(Purpose::analytics_reporting_content_performance), field);
            if (random() % 2)
                permissions.insert(key);
            if (asked.size() < 1024 && random() % 16 == 0)
                asked.push_back(std::move(key));
        }
    std::shuffle(asked.begin(), asked.end(), random);
    std::size_t i = 0;
    for (auto _ : state) {
        const bool permitted = permissions.contains(asked[i++ % asked.size()]);
        benchmark::DoNotOptimize(permitted);
    }
}

// --- The release ---

/// The record that analytics plugins get: twelve personal fields, four of them structs.
using Event = analytics::LearningEvent<Guarded>;

/// The same values without protection, for the function that is written by hand.
template <Category, class T>
using Open = T;
using OpenEvent = analytics::LearningEvent<Open>;

constexpr std::string_view pseudonym = "p-5f0c2ab94d1e7763";

template <class AnyEvent>
AnyEvent make_event() {
    using analytics::Verb;
    AnyEvent event;
    event.id = "0190b2c4-7d5e-7c3a-9f10-2b6f8e4d1a07";
    event.platform = "https://lernwerk.example";
    event.learner = std::string(pseudonym);
    event.name = "Ada \"Countess\" Lovelace";
    event.email = "ada.lovelace@students.example";
    event.language = "de";
    event.education = "vocational training";
    event.enrolment = analytics::Progress{Verb::enrolled, "karten-lesen",       "Karten lesen", {}, {},
                                          "de",           1'795'000'000'000'000};
    event.progress =
        analytics::Progress{Verb::completed, "karten-lesen", "Karten lesen",       "hoehenlinien",
                            "Höhenlinien",   "de",           1'795'000'000'000'000};
    event.grade = analytics::Score{80, true};
    event.media =
        analytics::MediaUse{"karten-lesen", "hoehenlinien", "film-1", 61, 118, 1'795'000'000'000'000};
    event.page = "/courses/karten-lesen/lessons/hoehenlinien";
    event.ip_address = "203.0.113.77";
    event.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0";
    return event;
}

/// As one writes it who writes it once, for speed: literals, one loop for escaping, nothing asked at run
/// time.
class ByHand {
  public:
    explicit ByHand(std::string& out) : out_(out) {}

    void literal(std::string_view text) { out_.append(text); }

    void text(std::string_view text) {
        out_.push_back('"');
        const char* from = text.data();
        const char* const end = from + text.size();
        for (const char* at = from; at != end; ++at)
            if (static_cast<unsigned char>(*at) < 0x20 || *at == '"' || *at == '\\') {
                out_.append(from, at);
                escape(*at);
                from = at + 1;
            }
        out_.append(from, end);
        out_.push_back('"');
    }

    template <class Number>
    void number(Number value) {
        char digits[32];
        out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    }

    void progress(const analytics::Progress& item, std::string_view verb) {
        literal(R"({"verb":)");
        text(verb);
        literal(R"(,"course":)");
        text(item.course);
        literal(R"(,"course_title":)");
        text(item.course_title);
        if (item.lesson) {
            literal(R"(,"lesson":)");
            text(*item.lesson);
        }
        if (item.lesson_title) {
            literal(R"(,"lesson_title":)");
            text(*item.lesson_title);
        }
        literal(R"(,"language":)");
        text(item.language);
        literal(R"(,"occurred_at":)");
        number(item.occurred_at);
        literal("}");
    }

    void media(const analytics::MediaUse& item) {
        literal(R"({"course":)");
        text(item.course);
        literal(R"(,"lesson":)");
        text(item.lesson);
        literal(R"(,"video":)");
        text(item.video);
        literal(R"(,"watched_s":)");
        number(item.watched_s);
        literal(R"(,"position_s":)");
        number(item.position_s);
        literal(R"(,"occurred_at":)");
        number(item.occurred_at);
        literal("}");
    }

    void grade(const analytics::Score& item) {
        literal(R"({"scaled_percent":)");
        number(item.scaled_percent);
        literal(item.passed ? R"(,"passed":true})" : R"(,"passed":false})");
    }

  private:
    void escape(char c) {
        if (c == '"' || c == '\\')
            out_.append({'\\', c});
        else
            out_.append(fmt::format("\\u{:04x}", static_cast<unsigned>(c)));
    }

    std::string& out_;
};

void write_all_by_hand(std::string& out, const OpenEvent& event) {
    ByHand hand(out);
    hand.literal(R"({"id":)");
    hand.text(event.id);
    hand.literal(R"(,"platform":)");
    hand.text(event.platform);
    hand.literal(R"(,"learner":)");
    hand.text(event.learner);
    hand.literal(R"(,"name":)");
    hand.text(event.name);
    hand.literal(R"(,"email":)");
    hand.text(event.email);
    hand.literal(R"(,"language":)");
    hand.text(event.language);
    hand.literal(R"(,"education":)");
    hand.text(event.education);
    hand.literal(R"(,"enrolment":)");
    hand.progress(event.enrolment, "enrolled");
    hand.literal(R"(,"progress":)");
    hand.progress(event.progress, "completed");
    hand.literal(R"(,"grade":)");
    hand.grade(event.grade);
    hand.literal(R"(,"media":)");
    hand.media(event.media);
    hand.literal(R"(,"page":)");
    hand.text(event.page);
    hand.literal(R"(,"ip_address":)");
    hand.text(event.ip_address);
    hand.literal(R"(,"user_agent":)");
    hand.text(event.user_agent);
    hand.literal("}");
}

constexpr CategoryMask half_of_the_fields =
    CategoryMask(Category::user_unique_id_pseudonymous) | Category::user_account_settings |
    Category::user_education_enrolment | Category::user_education_progress | Category::user_education_grade |
    Category::user_behavior_media_consumption;
static_assert(half_of_the_fields.count() == 6);

void write_half_by_hand(std::string& out, const OpenEvent& event) {
    ByHand hand(out);
    hand.literal(R"({"id":)");
    hand.text(event.id);
    hand.literal(R"(,"platform":)");
    hand.text(event.platform);
    hand.literal(R"(,"learner":)");
    hand.text(event.learner);
    hand.literal(R"(,"language":)");
    hand.text(event.language);
    hand.literal(R"(,"enrolment":)");
    hand.progress(event.enrolment, "enrolled");
    hand.literal(R"(,"progress":)");
    hand.progress(event.progress, "completed");
    hand.literal(R"(,"grade":)");
    hand.grade(event.grade);
    hand.literal(R"(,"media":)");
    hand.media(event.media);
    hand.literal("}");
}

void write_by_gate(std::string& out, const Event& event, CategoryMask released) {
    static constexpr Transforms unchanged;
    write_record(out, event, released, unchanged, pseudonym);
}

void release(benchmark::State& state, CategoryMask released) {
    const auto event = make_event<Event>();
    std::string out;
    for (auto _ : state) {
        out.clear();
        write_by_gate(out, event, released);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
}

void by_hand(benchmark::State& state, void (*write)(std::string&, const OpenEvent&)) {
    const auto event = make_event<OpenEvent>();
    std::string out;
    for (auto _ : state) {
        out.clear();
        write(out, event);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
}

/// A comparison counts only if both sides do the same: byte for byte.
bool write_the_same() {
    const auto event = make_event<Event>();
    const auto open_event = make_event<OpenEvent>();
    const auto is_equal = [&](CategoryMask released, auto* write) {
        std::string ours, theirs;
        write_by_gate(ours, event, released);
        write(theirs, open_event);
        if (ours != theirs)
            fmt::print(stderr, "not the same document:\n{}\n{}\n", ours, theirs);
        return ours == theirs;
    };
    return fields_of<Event>().count() == 12 && is_equal(CategoryMask::all(), write_all_by_hand) &&
           is_equal(half_of_the_fields, write_half_by_hand);
}

// --- The comparison ---

/// Collects the repetitions instead of printing them.
class Medians : public benchmark::BenchmarkReporter {
  public:
    bool ReportContext(const Context&) override { return true; }

    void ReportRuns(const std::vector<Run>& runs) override {
        for (const auto& run : runs)
            if (run.run_type == Run::RT_Iteration)
                times_[run.run_name.function_name].push_back(run.GetAdjustedCPUTime());
    }

    double median(const std::string& name) {
        auto& times = times_.at(name);
        std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                         times.end());
        return times[times.size() / 2];
    }

  private:
    std::map<std::string, std::vector<double>> times_;
};

void print_ratio(Medians& medians, const std::string& ours, const std::string& theirs) {
    const double left = medians.median(ours);
    const double right = medians.median(theirs);
    fmt::print(R"({{"work":"{}","ours":{:.1f},"compared_with":"{}","theirs":{:.1f},"ratio":{:.3f}}})"
               "\n",
               ours, left, theirs, right, left / right);
}

int compare(int count, char** arguments) {
    if (!write_the_same())
        return 1;
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments))
        return 1;
    const std::string all = "release of 12 fields", half = "release of 6 of 12 fields";
    benchmark::RegisterBenchmark("decision", decision);
    benchmark::RegisterBenchmark("look-up in a set", set_look_up);
    benchmark::RegisterBenchmark(all.c_str(), release, CategoryMask::all());
    benchmark::RegisterBenchmark("all 12 by hand", by_hand, write_all_by_hand);
    benchmark::RegisterBenchmark(half.c_str(), release, half_of_the_fields);
    benchmark::RegisterBenchmark("the same 6 by hand", by_hand, write_half_by_hand);
    Medians medians;
    benchmark::RunSpecifiedBenchmarks(&medians);
    print_ratio(medians, "decision", "look-up in a set");
    print_ratio(medians, all, "all 12 by hand");
    print_ratio(medians, half, "the same 6 by hand");
    return 0;
}

}  // namespace
}  // namespace calyptenora::gate

int main(int count, char** arguments) {
    return calyptenora::gate::compare(count, arguments);
}
