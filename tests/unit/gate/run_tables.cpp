// Prints the rows of the decision tables that fail. Linked once with decide() as it is, and once with each
// rule removed.
#include "unit/gate/decision_table.hpp"

#include <iostream>

int main(int, char** arguments) {
    int failed = 0;
    const auto rows = calyptenora::gate::tables::load(arguments[1]);
    for (const auto& row : rows) {
        const auto difference = calyptenora::gate::tables::difference(row);
        if (difference.empty())
            continue;
        ++failed;
        std::cout << difference << '\n';
    }
    std::cout << rows.size() << " rows, " << failed << " failed\n";
    return failed > 100 ? 100 : failed;
}
