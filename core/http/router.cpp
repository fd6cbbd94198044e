#include "http/router.hpp"

#include <map>
#include <optional>
#include <stdexcept>

namespace calyptenora::http {
namespace {

struct Segment {
    enum class Kind : std::uint8_t { literal, name, rest };
    Kind kind;
    std::string_view text;
};

[[noreturn]] void refuse(std::string_view pattern, const char* why) {
    throw std::logic_error("route '" + std::string(pattern) + "': " + why);
}

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    path.remove_prefix(1);
    while (true) {
        auto slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) {
            return segments;
        }
        path.remove_prefix(slash + 1);
    }
}

std::vector<Segment> read_pattern(std::string_view pattern) {
    if (!pattern.starts_with('/')) {
        refuse(pattern, "must begin with a slash");
    }
    std::vector<Segment> segments;
    for (auto text : split(pattern)) {
        if (!segments.empty() && segments.back().kind == Segment::Kind::rest) {
            refuse(pattern, "nothing may follow {name...}");
        }
        if (!text.starts_with('{')) {
            if (text.find_first_of("{}") != std::string_view::npos) {
                refuse(pattern, "a brace inside a segment");
            }
            segments.push_back({Segment::Kind::literal, text});
            continue;
        }
        bool is_rest = text.ends_with("...}");
        auto name = text.substr(1, text.size() - (is_rest ? 5 : 2));
        if (!text.ends_with('}') || name.empty() || name.find_first_of("{}.") != std::string_view::npos) {
            refuse(pattern, "a name is written {name} or {name...}");
        }
        segments.push_back({is_rest ? Segment::Kind::rest : Segment::Kind::name, name});
    }
    return segments;
}

}  // namespace

struct Router::Node {
    struct Slot {
        const Route* route;
        std::vector<std::string> names;
    };
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> name;
    std::map<Method, Slot> here;
    std::map<Method, Slot> rest;

    using Values = std::vector<std::string_view>;

    /// The methods registered for the path, with the values of its names; null if there are none.
    const std::map<Method, Slot>* find(std::string_view path, Values& values) const {
        auto slash = path.find('/');
        auto segment = path.substr(0, slash);
        auto descend = [&](const Node& next) -> const std::map<Method, Slot>* {
            if (slash == std::string_view::npos) {
                return next.here.empty() ? nullptr : &next.here;
            }
            return next.find(path.substr(slash + 1), values);
        };
        if (auto literal = literals.find(segment); literal != literals.end()) {
            if (auto found = descend(*literal->second)) {
                return found;
            }
        }
        if (name && !segment.empty()) {
            values.push_back(segment);
            if (auto found = descend(*name)) {
                return found;
            }
            values.pop_back();
        }
        if (!rest.empty() && !path.empty()) {
            values.push_back(path);
            return &rest;
        }
        return nullptr;
    }
};

const std::string& PathParams::at(std::string_view name) const {
    for (const auto& [key, value] : values_) {
        if (key == name) {
            return value;
        }
    }
    throw std::out_of_range("the route has no parameter " + std::string(name));
}

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::get(std::string_view pattern, Handler handler, RouteOptions options) {
    add(Method::GET, pattern, std::move(handler), options);
}

void Router::post(std::string_view pattern, Handler handler, RouteOptions options) {
    add(Method::POST, pattern, std::move(handler), options);
}

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
    if (method == Method::HEAD || method == Method::OPTIONS) {
        refuse(pattern, "HEAD and OPTIONS are answered by the server");
    }
    auto segments = read_pattern(pattern);
    Node* node = root_.get();
    std::vector<std::string> names;
    bool is_rest = false;
    for (const auto& segment : segments) {
        if (segment.kind == Segment::Kind::literal) {
            auto& next = node->literals[std::string(segment.text)];
            if (!next) {
                next = std::make_unique<Node>();
            }
            node = next.get();
            continue;
        }
        names.emplace_back(segment.text);
        if (segment.kind == Segment::Kind::rest) {
            is_rest = true;
        } else {
            if (!node->name) {
                node->name = std::make_unique<Node>();
            }
            node = node->name.get();
        }
    }
    auto& slots = is_rest ? node->rest : node->here;
    if (slots.contains(method)) {
        refuse(pattern, "is registered already");
    }
    routes_.push_back(std::make_unique<Route>(Route{.pattern = std::string(pattern),
                                                    .method = method,
                                                    .handler = std::move(handler),
                                                    .options = options}));
    slots.emplace(method, Node::Slot{.route = routes_.back().get(), .names = std::move(names)});
}

Router::Match Router::match(Method method, std::string_view path) const {
    Node::Values values;
    const auto* slots = path.starts_with('/') ? root_->find(path.substr(1), values) : nullptr;
    if (slots == nullptr) {
        return NotFound{};
    }
    auto slot = slots->find(method == Method::HEAD ? Method::GET : method);
    if (slot == slots->end()) {
        std::string allow;
        for (const auto& [known, unused] : *slots) {
            allow += std::string(method_name(known)) + (known == Method::GET ? ", HEAD, " : ", ");
        }
        return MethodNotAllowed{allow + "OPTIONS"};
    }
    Found found{.route = slot->second.route, .params = {}};
    for (std::size_t i = 0; i < values.size(); ++i) {
        found.params.add(slot->second.names[i], std::string(values[i]));
    }
    return found;
}

std::vector<std::pair<Method, std::string>> Router::routes() const {
    std::vector<std::pair<Method, std::string>> list;
    for (const auto& route : routes_) {
        list.emplace_back(route->method, route->pattern);
    }
    return list;
}

}  // namespace calyptenora::http
