#pragma once

#include <calyptenora/result.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

/// What commands are given besides their words.
namespace calyptenora::cli {

/// The bytes of a file that a person named. `not_found` or `invalid_input`, naming the file.
Result<std::string> read_file(const std::filesystem::path& file, std::uintmax_t limit);

/// Standard input to its end. `invalid_input` beyond the limit.
Result<std::string> read_standard_input(std::uintmax_t limit);

/// The first line of standard input, without its end.
Result<std::string> read_line_of_standard_input();

/// Asks twice on the terminal, without showing what is typed. `invalid_input` if there is no terminal, or the
/// two differ.
Result<std::string> ask_new_password();

}  // namespace calyptenora::cli
