/* Signals by a System V semaphore. */
#include "../attack.h"

#include <sys/ipc.h>
#include <sys/sem.h>

static void attack(void) {
    struct sembuf up = {0, 4711, IPC_NOWAIT};
    semop(semget((key_t)target_number("ipc_key"), 1, IPC_CREAT | 0600), &up, 1);
}
