#include "storage/witness.hpp"

#include "storage/signature.hpp"
#include "storage/text.hpp"

#include <calyptenora/json.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

namespace calyptenora::storage {
namespace {

/// Empty if the line may stand after the one before (none: null).
std::string find_fault(const WitnessLine* before, const WitnessLine& line) {
    const auto& checkpoint = line.checkpoint;
    if (!is_signed_by(line.public_key, make_signed_text(checkpoint), checkpoint.signature))
        return fmt::format("checkpoint {} is not signed with the key that the line names",
                           checkpoint.sequence);
    if (!before)
        return {};
    if (line.public_key != before->public_key)
        return "another public key than in the line before";
    if (checkpoint.sequence <= before->checkpoint.sequence)
        return fmt::format("checkpoint {} stands after {}", checkpoint.sequence, before->checkpoint.sequence);
    if (checkpoint.previous_hash != make_content_hash(make_signed_text(before->checkpoint)))
        return fmt::format("checkpoint {} does not follow the one in the line before", checkpoint.sequence);
    return {};
}

}  // namespace

Result<std::vector<WitnessLine>> parse_witness(std::string_view text, std::string_view name) {
    std::vector<WitnessLine> lines;
    while (!text.empty()) {
        const auto wrong = [&](std::string_view what) {
            return Error(ErrorKind::invalid_input, fmt::format("{}:{}: {}", name, lines.size() + 1, what));
        };
        const auto end = text.find('\n');
        if (end == std::string_view::npos)
            return wrong(
                "the last line has no end, so it was not written to its end; remove it and call "
                "`calyptenora ledger witness` again");
        auto line = parse_json<WitnessLine>(text.substr(0, end));
        if (!line)
            return wrong(line.error().message);
        if (const auto fault = find_fault(lines.empty() ? nullptr : &lines.back(), *line); !fault.empty())
            return wrong(fault + "; use a copy of the file that nobody has changed");
        lines.push_back(std::move(*line));
        text.remove_prefix(end + 1);
    }
    return lines;
}

std::vector<CheckpointBreak> compare_with_witness(Transaction& tx, const ServiceSecrets& secrets,
                                                  const std::vector<WitnessLine>& witness) {
    const auto public_key = make_public_key(secrets.ledger_signing);
    std::map<std::int64_t, Checkpoint> ours;
    for (auto& checkpoint : checkpoints::list(tx))
        ours.emplace(checkpoint.sequence, std::move(checkpoint));
    std::vector<CheckpointBreak> breaks;
    for (const auto& line : witness) {
        const auto number = line.checkpoint.sequence;
        const auto found = ours.find(number);
        if (line.public_key != public_key)
            breaks.push_back({number, "", "signed with another key than the witness names"});
        else if (found == ours.end())
            breaks.push_back({number, "", "missing, the witness holds it"});
        else if (found->second != line.checkpoint)
            breaks.push_back({number, "", "not the one that the witness holds"});
    }
    return breaks;
}

Result<std::vector<WitnessLine>> list_for_witness(Transaction& tx, const ServiceSecrets& secrets,
                                                  const std::vector<WitnessLine>& witness) {
    if (const auto breaks = compare_with_witness(tx, secrets, witness); !breaks.empty())
        return Error(ErrorKind::conflict,
                     fmt::format("checkpoint {}: {}", breaks.front().checkpoint, breaks.front().what));
    const auto public_key = make_public_key(secrets.ledger_signing);
    std::vector<WitnessLine> added;
    const auto* before = witness.empty() ? nullptr : &witness.back();
    for (auto& checkpoint : checkpoints::list(tx, before ? before->checkpoint.sequence : 0)) {
        WitnessLine line{public_key, std::move(checkpoint)};
        if (const auto fault = find_fault(before, line); !fault.empty())
            return Error(ErrorKind::conflict, fault);
        added.push_back(std::move(line));
        before = &added.back();
    }
    return added;
}

Status append_to_witness(const std::filesystem::path& file, const std::vector<WitnessLine>& lines) {
    std::string text;
    for (const auto& line : lines) {
        write_json(text, line);
        text += '\n';
    }
    const auto failure = [&] {
        return Error(ErrorKind::invalid_input, fmt::format("cannot write the witness file {}: {}",
                                                           file.string(), std::strerror(errno)));
    };
    const int opened = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (opened < 0)
        return failure();
    Status outcome;
    for (std::string_view rest = text; outcome && !rest.empty();) {
        const auto written = ::write(opened, rest.data(), rest.size());
        if (written < 0 && errno != EINTR)
            outcome = failure();
        else if (written > 0)
            rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (outcome && ::fsync(opened) != 0 && errno != EINVAL)
        outcome = failure();
    ::close(opened);
    return outcome;
}

}  // namespace calyptenora::storage
