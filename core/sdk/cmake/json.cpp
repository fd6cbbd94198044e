// Boost.JSON compiled into the plugin, so that the library needs nothing but the system libraries of the
// fixed list.
#include <boost/json/src.hpp>
