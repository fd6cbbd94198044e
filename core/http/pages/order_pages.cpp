#include "http/pages/qr_image.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "web/format.hpp"

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using storage::OrderState;

constexpr Purpose payment = Purpose::essential_service_payment_processing;
constexpr int qr_size = 264;

boost::json::object review_view(const Visit& visit, const platform::Course& course) {
    const auto settings = visit.services().settings();
    const auto& owner = settings->operator_info;
    boost::json::array methods;
    const auto instances = visit.services().orders.methods();
    for (const auto& id : instances) {
        const auto* instance = visit.policy()->find_instance(id);
        const auto& summary = instance->summary;
        boost::json::object method{
            {"id", id.text()},
            {"name", visit.text("order.transfer")},
            {"explanation", visit.language() == web::Language::de ? summary.de : summary.en},
            {"checked", instances.size() == 1}};
        if (const auto* row = visit.policy()->find_flow(id, payment); row && row->flow.third_party)
            method["third_party"] = third_party_view(visit, *row);
        methods.push_back(std::move(method));
    }
    return {{"course",
             {{"title", course.title},
              {"slug", course.slug},
              {"lang", course.language},
              {"summary", course.summary},
              {"lessons", course.lessons().size()}}},
            {"price_text",
             web::format_money(course.price->minor_units, course.price->currency, visit.language())},
            {"vat_text", visit.text("course.vat_included")},
            {"methods", std::move(methods)},
            {"seller", {{"name", owner.legal_name}, {"address", web::format_address(owner.address)}}},
            {"begin_now", true},
            {"fields", boost::json::object()}};
}

const platform::Course* paid_course(const platform::Catalogue& catalogue, const PathParams& path) {
    const auto* course = catalogue.find_course(path.at("slug"));
    return course && !course->is_free() ? course : nullptr;
}

awaitable<Response> show_review(Visit& visit, const PathParams& path) {
    const auto catalogue = visit.services().catalogue.current();
    const auto* course = paid_course(*catalogue, path);
    if (!course)
        co_return visit.not_found();
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    co_return visit.page("order_review", review_view(visit, *course), Section::courses);
}

awaitable<Response> place_order(Visit& visit, const PathParams& path) {
    const auto catalogue = visit.services().catalogue.current();
    const auto* course = paid_course(*catalogue, path);
    if (!course)
        co_return visit.not_found();
    if (!visit.learner())
        co_return visit.ask_to_sign_in();

    auto view = review_view(visit, *course);
    boost::json::array errors;
    const auto complain = [&](std::string_view field, std::string_view problem) {
        const auto text = visit.text(problem);
        view["fields"].as_object()[field] = boost::json::object{{"error", text}};
        errors.push_back({{"field", field}, {"text", text}});
    };
    const auto method = settings::parse_instance_id(visit.field("method"));
    const auto methods = visit.services().orders.methods();
    if (!method || std::find(methods.begin(), methods.end(), *method) == methods.end())
        complain("method", "problem.method_required");
    if (visit.field("begin_now") != "yes")
        complain("begin_now", "problem.begin_now_required");
    if (!errors.empty()) {
        view["errors"] = std::move(errors);
        co_return visit.page("order_review", std::move(view), Section::courses, 422);
    }
    const auto order = co_await visit.services().orders.place(visit.learner()->id, course->slug, *method,
                                                              std::string(visit.language_tag()));
    if (!order && order.error().kind == ErrorKind::conflict)
        co_return visit.back_to("/courses/" + course->slug, "prerequisites_first");
    if (!order)
        co_return visit.problem(order.error());
    co_return redirect("/orders/" + order->text());
}

std::string value_of(const payments::Instructions& instructions, std::string_view label) {
    for (const auto& line : instructions.lines)
        if (line.label == label)
            return line.value;
    return {};
}

boost::json::object transfer_view(const Visit& visit, const platform::OrderView& found) {
    const auto& instructions = *found.instructions;
    boost::json::object view{
        {"payee", value_of(instructions, "payee")},
        {"iban", value_of(instructions, "iban")},
        {"bic", value_of(instructions, "bic")},
        {"reference", value_of(instructions, "reference")},
        {"amount_text", web::format_money(found.order.amount_minor - found.order.captured_minor,
                                          found.order.currency, visit.language())},
        {"due_on", found.order.due_at ? date_text(visit, *found.order.due_at) : instructions.due}};
    if (instructions.qr && found.order.captured_minor == 0) {
        view["qr_url"] = "/orders/" + found.order.id.text() + "/code.svg";
        view["qr_size"] = qr_size;
    }
    return view;
}

awaitable<Result<platform::OrderView>> own_order(Visit& visit, const PathParams& path) {
    auto id = storage::OrderId::parse(path.at("id"));
    if (!id)
        co_return Error(ErrorKind::not_found, "no such order");
    co_return co_await visit.services().orders.find(visit.learner()->id, *id);
}

awaitable<Response> show_order(Visit& visit, const PathParams& path) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto found = co_await own_order(visit, path);
    if (!found)
        co_return visit.problem(found.error());
    const auto& order = found->order;
    const auto catalogue = visit.services().catalogue.current();
    const auto* course = catalogue->find_course(order.course);
    const auto money = [&](std::int64_t minor) {
        return web::format_money(minor, order.currency, visit.language());
    };

    const bool paid = order.state == OrderState::paid || order.state == OrderState::overpaid;
    const bool over = order.state == OrderState::cancelled || order.state == OrderState::expired;
    boost::json::object view{{"order",
                              {{"number", order.reference},
                               {"course_title", course ? course->title : order.course},
                               {"course_url", "/courses/" + order.course},
                               {"lang", course ? course->language : "de"},
                               {"price_text", money(order.amount_minor)},
                               {"ordered_on", date_text(visit, order.created_at)},
                               {"open", order.state == OrderState::open},
                               {"part_paid", order.state == OrderState::partially_paid},
                               {"paid", paid},
                               {"cancelled", over}}},
                             {"paid_on", date_text(visit, order.updated_at)},
                             {"paid_text", money(order.captured_minor)},
                             {"missing_text", money(order.amount_minor - order.captured_minor)}};
    if (found->instructions && !paid && !over)
        view["transfer"] = transfer_view(visit, *found);
    // Its start was cut off; ordering again starts this same order.
    if (order.state == OrderState::open && !found->instructions && !found->redirect)
        view["resume_url"] = "/courses/" + order.course + "/order";
    co_return visit.page("order", std::move(view), Section::account);
}

awaitable<Response> send_code(Visit& visit, const PathParams& path) {
    if (!visit.learner())
        co_return Response::make_empty(403);
    const auto found = co_await own_order(visit, path);
    if (!found || !found->instructions || !found->instructions->qr)
        co_return Response::make_empty(404);
    const auto image = draw_qr(*found->instructions->qr);
    if (!image)
        co_return Response::make_empty(502);
    Response response;
    response.headers.set("Content-Type", "image/svg+xml");
    response.body = *image;
    co_return response;
}

}  // namespace

void add_order_pages(PageRoutes& routes) {
    routes.get("/courses/{slug}/order", show_review);
    routes.post("/courses/{slug}/order", place_order, {.priority = Priority::essential});
    routes.get("/orders/{id}", show_order, {.priority = Priority::essential});
    routes.get("/orders/{id}/code.svg", send_code);
}

}  // namespace calyptenora::http
