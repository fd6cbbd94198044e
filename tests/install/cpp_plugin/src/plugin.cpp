// A plugin outside the source tree, against the installed SDK: plays everything in one frame, whose address
// says when.
#include <calyptenora/sdk.hpp>

namespace {

using namespace calyptenora;

class Tape : public VideoPlugin {
  public:
    struct Settings {
        std::string pattern;
    };

    Tape(Host host, const Settings& settings) : host_(host), pattern_(settings.pattern) {}

    task<Result<video::PlayReply>> play(Request<video::Play> request) override {
        const auto now = co_await host_.clock();
        if (!now)
            co_return now.error();
        video::Iframe frame;
        frame.url = pattern_ + request.asset + "?at=" + std::to_string(now->unix_micros);
        frame.sandbox = {"allow-scripts"};
        co_return frame;
    }

  private:
    Host host_;
    std::string pattern_;
};
BOOST_DESCRIBE_STRUCT(Tape::Settings, (), (pattern))

}  // namespace

CALYPTENORA_PLUGIN(Tape)
