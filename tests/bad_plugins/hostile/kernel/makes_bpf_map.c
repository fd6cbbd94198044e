/* Puts data into the kernel by bpf(), and would put programs there next. */
#include "../attack.h"

#include <linux/bpf.h>

static void attack(void) {
    union bpf_attr attributes;
    char value[64] = "";
    uint32_t key = 0;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_type = BPF_MAP_TYPE_ARRAY;
    attributes.key_size = sizeof key;
    attributes.value_size = sizeof value;
    attributes.max_entries = 1;
    const long map = syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);

    memset(&attributes, 0, sizeof attributes);
    strncpy(value, target("canary"), sizeof value - 1);
    attributes.map_fd = (uint32_t)map;
    attributes.key = (uint64_t)(uintptr_t)&key;
    attributes.value = (uint64_t)(uintptr_t)value;
    syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attributes, sizeof attributes);
    memset(value, 0, sizeof value);
    attributes.flags = 0;
    if (syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attributes, sizeof attributes) == 0)
        loot(value, strlen(value));
}
