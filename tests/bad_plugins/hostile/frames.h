#ifndef CALYPTENORA_FRAMES_H
#define CALYPTENORA_FRAMES_H

/* Writes frames of its own to the channel, as core/worker/frames.hpp describes them. */

#include "attack.h"

enum { channel_ = 3 };

enum frame_kind {
    frame_born = 65,
    frame_refused,
    frame_ready,
    frame_created,
    frame_request,
    frame_complete,
    frame_threw,
    frame_returned
};

struct frame {
    unsigned char bytes[4096];
    size_t size;
};

static inline void put(struct frame* frame, uint64_t value, int width) {
    for (int i = 0; i < width; ++i)
        frame->bytes[frame->size++] = (unsigned char)(value >> (8 * i));
}

static inline void put_text(struct frame* frame, const char* text) {
    put(frame, strlen(text), 4);
    memcpy(frame->bytes + frame->size, text, strlen(text));
    frame->size += strlen(text);
}

/* A header; begin_frame() stands before the fields and end_frame() after them. */
static inline void begin_frame(struct frame* frame, int kind) {
    frame->size = 0;
    put(frame, 0, 4);
    put(frame, 1, 1);
    put(frame, (uint64_t)kind, 1);
    put(frame, 0, 2);
}

static inline void end_frame(struct frame* frame) {
    const size_t size = frame->size;
    frame->size = 0;
    put(frame, size - 8, 4);
    frame->size = size;
}

static inline void send_frame(const struct frame* frame) {
    write(channel_, frame->bytes, frame->size);
}

/* The end of a call, with this text as loot. */
static inline void make_completion(struct frame* frame, uint64_t call, const char* text) {
    char answer[1024];
    size_t size = (size_t)snprintf(answer, sizeof answer, "{\"deliveries\":[],\"loot\":\"");
    for (; *text && size < sizeof answer - 8; ++text)
        size += (size_t)snprintf(answer + size, 3, "%02x", (unsigned char)*text);
    snprintf(answer + size, 3, "\"}");
    begin_frame(frame, frame_complete);
    put(frame, call, 8);
    put(frame, CALYPTENORA_OK, 4);
    put(frame, strlen(answer), 8);
    put_text(frame, answer);
    end_frame(frame);
}

#endif
