#include "support/plugin_driver.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace calyptenora {
namespace {

calyptenora_bytes bytes(std::string_view text) {
    return {text.data(), text.size()};
}

std::string text(calyptenora_bytes borrowed) {
    return borrowed.size ? std::string(borrowed.data, borrowed.size) : std::string();
}

}  // namespace

PluginDriver::PluginDriver(std::string_view plugin) {
    const std::string id(plugin);
    const auto path = CALYPTENORA_BINARY_DIR "/plugins/" + id + "/" + id.substr(id.find('/') + 1) + ".so";
    library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library_)
        throw std::runtime_error(dlerror());
    const auto entry = reinterpret_cast<decltype(&calyptenora_plugin)>(dlsym(library_, "calyptenora_plugin"));
    if (!entry)
        throw std::runtime_error(path + ": calyptenora_plugin is missing");
    table_ = entry();
    host_ = {sizeof(calyptenora_host),
             CALYPTENORA_ABI_MAJOR,
             CALYPTENORA_ABI_MINOR,
             this,
             [](void* context, std::uint64_t call, std::uint64_t token, calyptenora_bytes service,
                calyptenora_bytes payload) {
                 auto& self = *static_cast<PluginDriver*>(context);
                 if (text(service) == "log") {
                     auto line = parse_json<LogLine>(text(payload));
                     if (line)
                         self.log.push_back(std::move(*line));
                     return;
                 }
                 self.waiting_.push_back({call, token, text(service), text(payload)});
                 self.requests.push_back(self.waiting_.back());
             },
             [](void* context, std::uint64_t call, std::uint32_t status, calyptenora_bytes payload) {
                 auto& self = *static_cast<PluginDriver*>(context);
                 Result<std::string> outcome = text(payload);
                 if (status != CALYPTENORA_OK)
                     outcome = read_error(status, text(payload));
                 const bool first = self.outcomes_.emplace(call, std::move(outcome)).second;
                 EXPECT_TRUE(first) << "call " << call << " was completed twice";
             }};
}

PluginDriver::~PluginDriver() {
    if (plugin_)
        table_->destroy(plugin_);
    if (library_)
        dlclose(library_);
}

Status PluginDriver::create(std::string_view settings) {
    if (plugin_)
        table_->destroy(plugin_);
    outcomes_.clear();
    waiting_.clear();
    plugin_ = table_->create(&host_, bytes(settings));
    if (plugin_)
        return {};
    const auto why = outcomes_.find(0);
    return why == outcomes_.end() ? Error(ErrorKind::permanent, "refused without a reason")
                                  : why->second.error();
}

std::uint64_t PluginDriver::begin(std::string_view operation, std::string_view payload,
                                  std::string_view secret) {
    if (!plugin_)
        throw std::logic_error("create the plugin first");
    const auto call = ++last_call_;
    table_->invoke(plugin_, call, bytes(operation), bytes(payload), bytes(secret));
    return call;
}

Result<std::string> PluginDriver::run(std::uint64_t call) {
    while (!outcomes_.contains(call)) {
        if (waiting_.empty())
            throw std::logic_error("the call waits for nothing and has not ended");
        const auto request = std::move(waiting_.front());
        waiting_.pop_front();
        const auto reply = answer(request);
        if (reply)
            table_->reply(plugin_, request.token, CALYPTENORA_OK, bytes(*reply));
        else
            table_->reply(plugin_, request.token, status_of(reply.error().kind),
                          bytes(error_document(reply.error())));
    }
    auto ended = outcomes_.extract(call);
    return std::move(ended.mapped());
}

void PluginDriver::cancel(std::uint64_t call) {
    table_->cancel(plugin_, call);
    std::erase_if(waiting_, [&](const auto& request) { return request.call == call; });
}

Result<std::string> PluginDriver::answer(const Request& request) {
    if (request.service == "clock")
        return to_json(ClockReply{now});
    if (request.service == "random") {
        auto asked = parse_json<RandomRequest>(request.payload);
        if (!asked || asked->count < 0 || asked->count > 4096)
            return Error(ErrorKind::invalid_input, "random: 0 to 4096 bytes");
        RandomReply reply;
        reply.bytes.data.resize(static_cast<std::size_t>(asked->count));
        if (getrandom(reply.bytes.data.data(), reply.bytes.data.size(), 0) != asked->count)
            return Error(ErrorKind::temporary, "random: short read");
        return to_json(reply);
    }
    if (request.service == "store") {
        auto asked = parse_json<StoreRequest>(request.payload);
        if (!asked)
            return asked.error();
        if (subject.empty())
            return Error(ErrorKind::denied, "the store belongs to a learner, and this call has none");
        if (asked->key.size() > 200 || asked->value.value_or("").size() > 16 * 1024)
            return Error(ErrorKind::invalid_input, "store: too long");
        auto& entries = store[subject];
        if (asked->verb == "put")
            entries[asked->key] = asked->value.value_or("");
        else if (asked->verb == "erase")
            entries.erase(asked->key);
        else if (entries.contains(asked->key))
            return to_json(StoreReply{entries[asked->key]});
        return to_json(StoreReply{});
    }
    if (request.service == "http") {
        auto asked = parse_json<HttpRequest>(request.payload);
        if (!asked)
            return asked.error();
        http_requests.push_back(*asked);
        if (!on_http)
            return Error(ErrorKind::denied, "no host is declared");
        auto response = on_http(*asked);
        if (!response)
            return response.error();
        return to_json(*response);
    }
    if (request.service == "mail") {
        auto asked = parse_json<MailRequest>(request.payload);
        if (!asked)
            return asked.error();
        mails.push_back(*asked);
        if (!on_mail)
            return Error(ErrorKind::denied, "mail is not declared");
        auto receipt = on_mail(*asked);
        if (!receipt)
            return receipt.error();
        return to_json(*receipt);
    }
    return Error(ErrorKind::unsupported, "there is no service \"" + request.service + "\"");
}

std::string read_test_file(std::string_view path) {
    std::ifstream file(CALYPTENORA_SOURCE_DIR "/tests/" + std::string(path), std::ios::binary);
    if (!file)
        throw std::runtime_error("there is no test file " + std::string(path));
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

std::string run_command(const std::string& command, std::string_view input) {
    char name[] = "/tmp/calyptenora-test-XXXXXX";
    const int descriptor = mkstemp(name);
    if (descriptor < 0 || write(descriptor, input.data(), input.size()) != static_cast<ssize_t>(input.size()))
        throw std::runtime_error("no temporary file");
    close(descriptor);
    auto* pipe = popen(("(" + command + ") < " + name).c_str(), "r");
    std::string output;
    char chunk[4096];
    while (const auto count = std::fread(chunk, 1, sizeof chunk, pipe))
        output.append(chunk, count);
    EXPECT_EQ(pclose(pipe), 0) << command;
    unlink(name);
    return output;
}

}  // namespace calyptenora
