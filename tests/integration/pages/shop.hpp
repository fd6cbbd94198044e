#pragma once

#include "integration/cli/program.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace calyptenora::http::test {

/// A platform with one course, which costs something or nothing.
class Shop : public cli::test::Place {
  public:
    explicit Shop(const std::string& price = "price: {amount: 19.00, currency: EUR}\n") {
        std::ifstream stream(config());
        std::string yaml(std::istreambuf_iterator<char>(stream), {});
        const std::string origin = "origin: 'http://localhost:8080'";
        yaml.replace(yaml.find(origin), origin.size(), origin + ", courses: [courses]");
        write("calyptenora.yaml", yaml);
        write("courses/reise/course.yaml",
              "title: Kurze Reise\nlanguage: de\nsummary: Ein Satz.\nlicence: CC BY 4.0\nauthors: [Ada]\n" +
                  price + "modules:\n  - title: Anfang\n    lessons: [01-los.md]\n");
        write("courses/reise/01-los.md", "---\ntitle: Los\n---\n\nEs geht los.\n");
    }
};

}  // namespace calyptenora::http::test
