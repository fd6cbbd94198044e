#pragma once

#include <boost/json/object.hpp>

#include <string_view>

namespace calyptenora::platform {

/// The format of data.json, and the id of its schema. A change that breaks readers makes another number.
inline constexpr int export_version = 1;
inline constexpr std::string_view export_schema_id = "urn:calyptenora:schema:export:1";

/// The JSON Schema (2020-12) of data.json, made from the same list of records as the file itself. Columns are
/// described in the words of the inventory.
boost::json::object make_export_schema();

}  // namespace calyptenora::platform
