/* Runs code from a System V segment. */
#include "../attack.h"
#include "../machine_code.h"

#include <sys/ipc.h>
#include <sys/shm.h>

static void attack(void) {
    const int segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0700);
    void* writable = shmat(segment, NULL, 0);
    void* executable = shmat(segment, NULL, SHM_EXEC | SHM_RDONLY);
    shmctl(segment, IPC_RMID, NULL);
    if (writable != (void*)-1 && executable != (void*)-1) {
        memcpy(writable, code_, sizeof code_);
        loot_result_of(executable);
    }
}
