#pragma once

#include "gate/gate.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

/// Frames of third parties in pages of ours: what a person's browser discloses by itself when it loads one.
namespace calyptenora::gate {

/// No browser can load a frame without revealing these.
inline constexpr CategoryMask revealed_by_every_frame =
    CategoryMask(Category::user_device_ip_address) | Category::user_device_user_agent;

/// All that a frame can learn from the browser that shows it. Which of it a third party does learn stands in
/// the flow's terms.
inline constexpr CategoryMask revealed_by_some_frames =
    revealed_by_every_frame | Category::user_device_screen | Category::user_device_cookie_id |
    Category::user_behavior_browsing_history | Category::user_behavior_media_consumption;

/// The operation under which the ledger keeps frames.
inline constexpr std::string_view frame_operation = "frame";

/// Thread-safe. One for each process.
class Frames {
  public:
    Frames(const Gate& gate, EmissionGuard& emissions) : gate_(gate), emissions_(emissions) {}

    /// The permission to send one page with a frame of `host` (`player.example:443`) to this person's
    /// browser. The page is the emission, for what follows it is the browser's: the lease is held until the
    /// page is written, so that after a withdrawal was acknowledged no page with the frame is sent any more.
    /// What is already in a browser is no longer ours to hold back; there the page itself takes the frame
    /// away. The ledger says that the browser was led to the third party and whether the page was sent;
    /// whether the frame was loaded, the platform never learns.
    ///
    /// `denied` when the flow is closed now, or when its terms are silent about what every frame reveals, or
    /// promise to change it on the way: the gate is not on that way.
    boost::asio::awaitable<Result<std::unique_ptr<Emission>>> begin(settings::InstanceId instance,
                                                                    Purpose purpose,
                                                                    storage::SubjectId subject,
                                                                    std::string host);

  private:
    const Gate& gate_;
    EmissionGuard& emissions_;
};

}  // namespace calyptenora::gate
