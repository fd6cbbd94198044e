#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::password {

/// Whether a password is among those that are tried first, however long it is: made of words of the list of
/// common passwords, keyboard rows, alphabets, years, repetitions and the operator's own words. Letters count
/// without case, and digits that stand for letters ("p4ssw0rd") as these letters.
bool is_guessable(std::string_view password, const std::vector<std::string>& forbidden_words);

}  // namespace calyptenora::password
