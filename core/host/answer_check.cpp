#include "host/answer_check.hpp"

#include "settings/text_check.hpp"

#include <calyptenora/host.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

namespace calyptenora::host {
namespace {

/// Takes a document and keeps nothing of it.
struct Nobody {
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;

    using Code = boost::json::error_code;
    using View = boost::json::string_view;
    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code&) { return true; }
    bool on_object_end(std::size_t, Code&) { return true; }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t, Code&) { return true; }
    bool on_key_part(View, std::size_t, Code&) { return true; }
    bool on_key(View, std::size_t, Code&) { return true; }
    bool on_string_part(View, std::size_t, Code&) { return true; }
    bool on_string(View, std::size_t, Code&) { return true; }
    bool on_number_part(View, Code&) { return true; }
    bool on_int64(std::int64_t, View, Code&) { return true; }
    bool on_uint64(std::uint64_t, View, Code&) { return true; }
    bool on_double(double, View, Code&) { return true; }
    bool on_bool(bool, Code&) { return true; }
    bool on_null(Code&) { return true; }
    bool on_comment_part(View, Code&) { return true; }
    bool on_comment(View, Code&) { return true; }
};

bool is_json(std::string_view text) {
    boost::json::basic_parser<Nobody> parser{boost::json::parse_options{}};
    boost::json::error_code failure;
    const auto parsed = parser.write_some(false, text.data(), text.size(), failure);
    return !failure && parsed == text.size();
}

}  // namespace

Error answer_too_large(std::size_t size, std::size_t limit) {
    return Error(ErrorKind::permanent,
                 fmt::format("answered with {} bytes; at most {} are taken", size, limit));
}

Result<std::string> check_answer(std::uint32_t status, std::string payload, std::size_t limit) {
    const auto broken = [](std::string what) { return Error(ErrorKind::permanent, std::move(what)); };
    if (payload.size() > limit)
        return answer_too_large(payload.size(), limit);
    if (status > CALYPTENORA_UNSUPPORTED)
        return broken(fmt::format("answered with the unknown status {}", status));
    if (const auto bad = settings::find_invalid_utf8(payload))
        return broken(fmt::format("answered with bytes that are not UTF-8 (at byte {})", *bad));
    if (status != CALYPTENORA_OK)
        return read_error(status, payload);
    if (!is_json(payload))
        return broken("answered with something that is not a JSON document");
    return payload;
}

Error creation_error(const Result<std::string>& answer) {
    return answer ? Error(ErrorKind::permanent, "completed its creation without an error") : answer.error();
}

}  // namespace calyptenora::host
