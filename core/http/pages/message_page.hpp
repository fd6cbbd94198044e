#pragma once

#include "http/pages/visit.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// One thing to say, and one step to go on.
namespace calyptenora::http {

/// Names texts of the catalogue, as those below do. The step is a link.
Response say(const Visit& visit, std::string_view heading, std::string_view text, std::string_view url,
             std::string_view link_text, int status = 200);

/// The token of the link by which this page was opened, or of its form; empty without one.
std::string token_of(const Visit& visit);

/// What a link from a mail shows. The step is a button that sends the token to `action`: programs that look
/// into mails follow links, and press no buttons. Takes texts, not names of some.
Response ask_by_button(const Visit& visit, std::string heading, const std::vector<std::string>& paragraphs,
                       std::string_view action, std::string button,
                       std::vector<std::pair<std::string, std::string>> fields = {});

}  // namespace calyptenora::http
