#pragma once

#ifdef __has_feature
#define CALYPTENORA_HAS_FEATURE(name) __has_feature(name)
#else
#define CALYPTENORA_HAS_FEATURE(name) 0
#endif

namespace calyptenora::worker {

/// Whether this is the worker that hunts for defects of memory in itself and in the plugins of the tests. Its
/// confinement lacks what AddressSanitizer cannot live with, and nothing else: the limit of its addresses
/// (the shadow of its memory alone has terabytes), and one system call. No other build has any of that: each
/// place asks this constant.
inline constexpr bool under_address_sanitizer = CALYPTENORA_HAS_FEATURE(address_sanitizer);

}  // namespace calyptenora::worker

#undef CALYPTENORA_HAS_FEATURE
