#pragma once

#include "gate/decide.hpp"

#include <filesystem>
#include <string>
#include <vector>

/// Reads the tables of this folder and runs their rows through decide(); see tables/README.md for the format.
namespace calyptenora::gate::tables {

struct Row {
    std::string where;  ///< "03_consent.table:14 (3.05)"
    Flow flow;
    SubjectState subject;
    Request request;
    bool expect_refused = false;
    CategoryMask expect_released;
    std::vector<std::string> expect_held_back;  ///< Keys of rules, in order.
};

/// All rows of all tables in the folder. Throws std::runtime_error that names file and line when one cannot
/// be read.
std::vector<Row> load(const std::filesystem::path& folder);

/// Empty if the decision is as the row says, else what differs.
std::string difference(const Row& row);

}  // namespace calyptenora::gate::tables
