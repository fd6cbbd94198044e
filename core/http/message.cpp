#include "http/message.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace calyptenora::http {

std::string Request::own_origin() const {
    return fmt::format("{}://{}", scheme == Scheme::https ? "https" : "http", host);
}

std::string_view Request::accept_language() const {
    return headers.find("accept-language").value_or("");
}

bool Request::signals_global_privacy_control() const {
    int count = 0;
    bool is_one = false;
    for (const auto& [name, value] : headers) {
        if (is_same_name(name, "sec-gpc")) {
            ++count;
            is_one = value == "1";
        }
    }
    return count == 1 && is_one;
}

FileHandle::~FileHandle() {
    ::close(descriptor_);
}

Response Response::make_page(std::string html, int status) {
    Response response;
    response.status = status;
    response.headers.set("Content-Type", "text/html; charset=utf-8");
    response.policy = ContentSecurityPolicy::make_page();
    response.body = std::move(html);
    return response;
}

Response Response::make_text(std::string text, int status) {
    Response response;
    response.status = status;
    response.headers.set("Content-Type", "text/plain; charset=utf-8");
    response.body = std::move(text);
    return response;
}

Response Response::make_json(std::string document, int status) {
    Response response;
    response.status = status;
    response.headers.set("Content-Type", "application/json");
    response.body = std::move(document);
    return response;
}

Response Response::make_empty(int status) {
    Response response;
    response.status = status;
    return response;
}

Response redirect(std::string_view location, int status) {
    Response response;
    response.status = status;
    response.headers.set("Location", location);
    return response;
}

}  // namespace calyptenora::http
