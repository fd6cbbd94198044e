#pragma once

#include "platform/export/byte_sink.hpp"

#include <calyptenora/result.hpp>

#include <memory>
#include <string>

namespace calyptenora::cli {

/// The file that the operator named: new, and for its owner alone. It goes again if it is not finished.
class OutputFile final : public platform::ByteSink {
  public:
    static Result<std::unique_ptr<OutputFile>> create(const std::string& file);
    ~OutputFile() override;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    Status write(std::string_view bytes) override;
    /// Another try begins.
    Status restart();
    Status finish();

  private:
    OutputFile(std::string file, int fd) : file_(std::move(file)), fd_(fd) {}
    Error failure() const;

    std::string file_;
    int fd_;
    bool is_finished_ = false;
};

}  // namespace calyptenora::cli
