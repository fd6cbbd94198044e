/* Sends frames as fast as it can, 70 MiB of them, of which each is as it should be. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    static char line[3800];
    struct frame frame;
    const int size = snprintf(line, sizeof line, "{\"level\":\"info\",\"text\":\"");
    memset(line + size, 'x', sizeof line - 64);
    strcat(line, "\"}");
    begin_frame(&frame, frame_request);
    put(&frame, call, 8);
    put(&frame, 0, 8);
    put(&frame, strlen(line), 8);
    put_text(&frame, "log");
    put_text(&frame, line);
    end_frame(&frame);
    for (int i = 0; i < 19000; ++i)
        send_frame(&frame);
    complete(call);
}
