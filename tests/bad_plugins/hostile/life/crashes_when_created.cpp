// Falls over while it is created.
#define ATTACK_AT_CREATE
#include "../attack.h"

static void attack() {
    *reinterpret_cast<volatile int*>(16) = 1;
}
