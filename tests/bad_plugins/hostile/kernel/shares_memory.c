/* Leaves a segment of System V memory that outlives it. */
#include "../attack.h"

#include <sys/ipc.h>
#include <sys/shm.h>

static void attack(void) {
    const int segment = shmget((key_t)target_number("ipc_key"), 4096, IPC_CREAT | 0600);
    char* bytes = (char*)shmat(segment, NULL, 0);
    if (bytes != (char*)-1)
        strcpy(bytes, target("canary"));
}
