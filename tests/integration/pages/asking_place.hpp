#pragma once

#include "integration/cli/program.hpp"

#include <fstream>

namespace calyptenora::http::test {

/// A platform that asks learners about one recipient.
class AskingPlace : public cli::test::Place {
  public:
    AskingPlace() {
        std::ifstream stream(config());
        write("calyptenora.yaml", std::string(std::istreambuf_iterator<char>(stream), {}) +
                                      "  analytics/xapi:\n"
                                      "    recipient:\n"
                                      "      legal_name: Lernstatistik GmbH\n"
                                      "      address: Weg 2\n"
                                      "      country: DE\n"
                                      "      role: processor\n"
                                      "      privacy_policy: https://lrs.example/privacy\n"
                                      "      contract: {reference: AVV-1, date: 2026-05-25}\n"
                                      "    settings: {endpoint: 'https://lrs.example/xapi', username: a, "
                                      "password: '${file:alias.key}'}\n");
    }
};

}  // namespace calyptenora::http::test
