#include "http/form.hpp"

#include "http/target.hpp"

#include <algorithm>

namespace calyptenora::http {
namespace {

Error refuse(const char* why) {
    return Error(ErrorKind::invalid_input, why);
}

struct Part {
    std::string disposition;
    std::string content_type;
    std::string_view content;
};

/// Header lines of one part up to the empty line; the rest of `part` is its content.
Result<Part> parse_part(std::string_view part, const FormLimits& limits) {
    auto end = part.find("\r\n\r\n");
    if (end == std::string_view::npos || end > limits.max_part_header_bytes) {
        return refuse("a part of the form has no end of its header, or a header too long");
    }
    Part result;
    result.content = part.substr(end + 4);
    auto lines = part.substr(0, end + 2);
    while (!lines.empty()) {
        auto line_end = lines.find("\r\n");
        auto line = lines.substr(0, line_end);
        lines.remove_prefix(line_end + 2);
        auto colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || !is_field_value(line)) {
            return refuse("bad header line in a part of the form");
        }
        auto value = trim(line.substr(colon + 1));
        if (is_same_name(line.substr(0, colon), "content-disposition")) {
            result.disposition = value;
        } else if (is_same_name(line.substr(0, colon), "content-type")) {
            result.content_type = value;
        }
    }
    return result;
}

Status add_part(Form& form, const Part& part, const FormLimits& limits) {
    auto name = find_parameter(part.disposition, "name");
    if (!is_same_name(trim(std::string_view(part.disposition).substr(0, part.disposition.find(';'))),
                      "form-data") ||
        !name || !is_clean_utf8(*name)) {
        return refuse("a part of the form has no name");
    }
    auto file_name = find_parameter(part.disposition, "filename");
    if (!file_name) {
        if (form.fields.size() == limits.max_fields) {
            return refuse("too many fields in the form");
        }
        if (!is_clean_utf8(part.content)) {
            return refuse("a field of the form is not clean UTF-8");
        }
        form.fields.add(std::move(*name), std::string(part.content));
        return {};
    }
    if (form.uploads.size() == limits.max_uploads) {
        return refuse("too many files in the form");
    }
    if (!is_clean_utf8(*file_name)) {
        return refuse("a file name of the form is not clean UTF-8");
    }
    auto base = file_name->substr(file_name->find_last_of("/\\") + 1);
    form.uploads.push_back(Upload{.field = std::move(*name),
                                  .file_name = std::move(base),
                                  .content_type = part.content_type,
                                  .content = std::string(part.content)});
    return {};
}

Result<Form> parse_multipart(std::string_view boundary, std::string_view body, const FormLimits& limits) {
    std::string delimiter = "\r\n--" + std::string(boundary);
    std::string_view first = std::string_view(delimiter).substr(2);
    if (!body.starts_with(first)) {
        return refuse("the form does not begin with its boundary");
    }
    body.remove_prefix(first.size());
    Form form;
    while (true) {
        if (body.starts_with("--")) {
            auto epilogue = body.substr(2);
            if (!epilogue.empty() && epilogue != "\r\n") {
                return refuse("data after the end of the form");
            }
            return form;
        }
        if (!body.starts_with("\r\n")) {
            return refuse("bad boundary line in the form");
        }
        body.remove_prefix(2);
        auto end = body.find(delimiter);
        if (end == std::string_view::npos) {
            return refuse("the form has no closing boundary");
        }
        auto part = parse_part(body.substr(0, end), limits);
        if (!part) {
            return part.error();
        }
        if (auto added = add_part(form, *part, limits); !added) {
            return added.error();
        }
        body.remove_prefix(end + delimiter.size());
    }
}

}  // namespace

std::optional<std::string> find_parameter(std::string_view header_value, std::string_view parameter) {
    auto rest = header_value;
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    while (rest.starts_with(';')) {
        rest.remove_prefix(1);
        auto equals = rest.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        auto name = trim(rest.substr(0, equals));
        rest = trim(rest.substr(equals + 1));
        std::string value;
        if (rest.starts_with('"')) {
            rest.remove_prefix(1);
            bool is_closed = false;
            while (!rest.empty() && !is_closed) {
                // Browsers send %22 for a quote in a name and leave a backslash as it is, except before a
                // quote.
                if (rest.starts_with("\\\"")) {
                    rest.remove_prefix(1);
                    value += '"';
                } else if (rest.front() == '"') {
                    is_closed = true;
                } else {
                    value += rest.front();
                }
                rest.remove_prefix(1);
            }
            if (!is_closed) {
                return std::nullopt;
            }
            rest = trim(rest);
        } else {
            auto end = std::min(rest.find(';'), rest.size());
            value = trim(rest.substr(0, end));
            rest.remove_prefix(end);
        }
        if (is_same_name(name, parameter)) {
            return value;
        }
    }
    return std::nullopt;
}

Result<Form> parse_form(std::string_view content_type, std::string_view body, const FormLimits& limits) {
    auto type = trim(content_type.substr(0, content_type.find(';')));
    if (is_same_name(type, "application/x-www-form-urlencoded")) {
        auto fields = parse_urlencoded(body, limits.max_fields);
        if (!fields) {
            return fields.error();
        }
        return Form{.fields = std::move(*fields), .uploads = {}};
    }
    if (is_same_name(type, "multipart/form-data")) {
        auto boundary = find_parameter(content_type, "boundary");
        if (!boundary || boundary->empty() || boundary->size() > 70 || !is_field_value(*boundary)) {
            return refuse("the form has no usable boundary");
        }
        return parse_multipart(*boundary, body, limits);
    }
    return Form{};
}

}  // namespace calyptenora::http
