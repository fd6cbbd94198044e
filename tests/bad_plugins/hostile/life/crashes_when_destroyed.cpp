// Falls over in its destructor, when nobody expects anything of it any more.
#define ATTACK_AT_DESTROY
#include "../attack.h"

static void attack() {
    *reinterpret_cast<volatile int*>(16) = 1;
}
