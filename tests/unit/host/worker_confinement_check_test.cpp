#include "host/worker_confinement_check.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace calyptenora::host {
namespace {

const std::string confined =
    "Name:\tanalytics/xapi\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t812\nPid:\t812\nPPid:\t800\n"
    "Uid:\t65534\t65534\t65534\t65534\nGid:\t65534\t65534\t65534\t65534\nNSpid:\t812\t1\nThreads:\t1\n"
    "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
    "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:"
    "\t1\n";

std::string loose_end(const std::string& without = "", const std::string& instead = "") {
    auto status = confined;
    if (!without.empty())
        status.replace(status.find(without), without.size(), instead);
    return std::string(find_loose_end(status, 800, 0).value_or("none"));
}

TEST(ConfinementCheck, EveryLooseEndIsFound) {
    EXPECT_EQ(loose_end(), "none");
    EXPECT_EQ(loose_end("PPid:\t800", "PPid:\t1"), "it is no child of the server");
    EXPECT_EQ(loose_end("NSpid:\t812\t1", "NSpid:\t812"), "it sees other processes");
    EXPECT_EQ(loose_end("NSpid:\t812\t1", "NSpid:\t812\t7"), "it sees other processes");
    EXPECT_EQ(loose_end("Threads:\t1", "Threads:\t2"), "it has several threads");
    EXPECT_EQ(loose_end("Uid:\t65534\t65534\t65534", "Uid:\t65534\t65534\t0"), "it runs as root");
    EXPECT_EQ(loose_end("CapBnd:\t0000000000000000", "CapBnd:\t0000000000200000"), "it has capabilities");
    EXPECT_EQ(loose_end("CapEff:\t0000000000000000", "CapEff:\t000001ffffffffff"), "it has capabilities");
    EXPECT_EQ(loose_end("NoNewPrivs:\t1", "NoNewPrivs:\t0"), "it may gain privileges");
    EXPECT_EQ(loose_end("Seccomp:\t2", "Seccomp:\t0"), "its system calls are not filtered");
    EXPECT_EQ(loose_end("filters:\t1", "filters:\t2"),
              "its system calls are not filtered by exactly one filter");
    EXPECT_EQ(loose_end("filters:\t1", "filters:\t0"),
              "its system calls are not filtered by exactly one filter");
}

TEST(ConfinementCheck, WhatIsNotSaidIsALooseEnd) {
    for (const auto* line :
         {"PPid:\t800\n", "NSpid:\t812\t1\n", "Threads:\t1\n", "CapAmb:\t0000000000000000\n",
          "NoNewPrivs:\t1\n", "Seccomp:\t2\n", "Seccomp_filters:\t1\n"})
        EXPECT_NE(loose_end(line), "none") << line;
    EXPECT_TRUE(find_loose_end("", 800, 0));
}

TEST(ConfinementCheck, AServerThatIsItselfFilteredWantsOneMore) {
    EXPECT_TRUE(find_loose_end(confined, 800, 1));
    auto status = confined;
    status.replace(status.find("filters:\t1"), 10, "filters:\t2");
    EXPECT_FALSE(find_loose_end(status, 800, 1));
}

TEST(ConfinementCheck, ThisProcessIsNotConfined) {
    EXPECT_FALSE(check_confinement(getpid()));
    const auto own = check_namespaces(getpid());
    ASSERT_FALSE(own);
    EXPECT_EQ(own.error().message,
              "its worker is not confined (it shares the namespace user); nothing was given to it");
}

}  // namespace
}  // namespace calyptenora::host
