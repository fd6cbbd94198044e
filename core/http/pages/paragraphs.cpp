#include "http/pages/paragraphs.hpp"

#include <algorithm>

namespace calyptenora::http {

boost::json::array paragraphs_of(const std::string& text) {
    boost::json::array paragraphs;
    std::size_t from = 0;
    while (from < text.size()) {
        const auto end = std::min(text.find("\n\n", from), text.size());
        if (end > from)
            paragraphs.push_back(boost::json::value(text.substr(from, end - from)));
        from = end + 2;
    }
    return paragraphs;
}

}  // namespace calyptenora::http
