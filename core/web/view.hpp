#pragma once

#include <boost/json/object.hpp>
#include <kainjow/mustache.hpp>

#include <string_view>

namespace calyptenora::web {

/// A view model as kainjow's own type. What templates can rely on beyond the keys given:
/// - a whole number `x` is also there as the condition `x_is_one`, a list `x` as the condition `has_x`;
/// - empty texts and nulls are false, and hide keys of the same name further out;
/// - `url`, `href`, `src`, `action` and keys that end with `_url` hold only addresses that `is_safe_url`
/// admits, else
/// "#";
/// - control characters other than tab and line ends are left out.
kainjow::mustache::data make_view(const boost::json::object& view);

/// Relative to this host, or with one of the schemes http, https, mailto, tel. HTML-escaping does not make
/// `javascript:` harmless in a link, hence this second check.
bool is_safe_url(std::string_view url);

/// Finds keys like kainjow's own context, but without splitting names into streams at each look-up.
class ViewContext final : public kainjow::mustache::basic_context<std::string> {
  public:
    /// The view must outlive the context.
    explicit ViewContext(const kainjow::mustache::data& view) { stack_.push_back(&view); }

    void push(const kainjow::mustache::data* data) override { stack_.push_back(data); }
    void pop() override { stack_.pop_back(); }
    /// From the innermost section outwards. A dotted name is found where its whole path is.
    const kainjow::mustache::data* get(const std::string& name) const override;
    const kainjow::mustache::data* get_partial(const std::string&) const override { return nullptr; }

  private:
    std::vector<const kainjow::mustache::data*> stack_;
};

}  // namespace calyptenora::web
