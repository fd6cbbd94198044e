#pragma once

#include "storage/stores/checkpoints.hpp"

#include <calyptenora/result.hpp>

#include <boost/describe/class.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// A witness: checkpoints that are kept where nobody who can change the database can change them. One JSON
/// object a line, each with the public key, so that any line can be checked alone.
namespace calyptenora::storage {

struct WitnessLine {
    /// Ed25519, 64 hex digits.
    std::string public_key;
    Checkpoint checkpoint;
    bool operator==(const WitnessLine&) const = default;
};
BOOST_DESCRIBE_STRUCT(WitnessLine, (), (public_key, checkpoint))

/// Every line is signed with the key that it names and follows the one before, or `invalid_input` says which
/// is not. `name` stands in messages.
Result<std::vector<WitnessLine>> parse_witness(std::string_view text, std::string_view name);

/// Where the database has another history than the witness: it was rolled back, cut off, or rewritten and
/// signed anew.
std::vector<CheckpointBreak> compare_with_witness(Transaction& tx, const ServiceSecrets& secrets,
                                                  const std::vector<WitnessLine>& witness);

/// What the witness does not have yet. `conflict` if the database has another history, or a checkpoint that
/// is not as it was signed: no witness is to keep that.
Result<std::vector<WitnessLine>> list_for_witness(Transaction& tx, const ServiceSecrets& secrets,
                                                  const std::vector<WitnessLine>& witness);

/// Adds the lines at the end, on the disk when this returns. The file is made if there is none.
Status append_to_witness(const std::filesystem::path& file, const std::vector<WitnessLine>& lines);

}  // namespace calyptenora::storage
