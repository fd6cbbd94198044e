#include "worker/frames.hpp"

#include <gtest/gtest.h>

namespace calyptenora::worker {
namespace {

template <class Variant>
std::string written(Variant frame) {
    std::string bytes;
    write_frame(bytes, frame);
    return bytes;
}
std::string from_host(HostFrame frame) {
    return written(std::move(frame));
}
std::string from_worker(WorkerFrame frame) {
    return written(std::move(frame));
}

RawFrame only_frame(FrameBuffer& buffer, std::string_view bytes) {
    buffer.append(bytes);
    const auto raw = buffer.next();
    EXPECT_TRUE(raw && *raw);
    return raw && *raw ? **raw : RawFrame{};
}

/// What is wrong with a stream, by its header or as the worker's frame.
std::string fault(std::string_view bytes) {
    FrameBuffer buffer;
    buffer.append(bytes);
    const auto raw = buffer.next();
    if (!raw)
        return raw.error().message;
    if (!*raw)
        return "unfinished";
    const auto frame = parse_worker_frame(**raw);
    return frame ? "" : frame.error().message;
}

TEST(Frames, EveryFrameOfTheHostIsReadAsItWasWritten) {
    FrameBuffer buffer;
    const auto load = parse_host_frame(only_frame(buffer, from_host(Load{1, 1ull << 40, "id: a"})));
    ASSERT_TRUE(load);
    EXPECT_EQ(std::get<Load>(*load).request_bytes, 1ull << 40);
    EXPECT_EQ(std::get<Load>(*load).manifest, "id: a");
    const auto invoke = parse_host_frame(
        only_frame(buffer, from_host(Invoke{77, "deliver", std::string("a\0b", 3), "secret"})));
    ASSERT_TRUE(invoke);
    EXPECT_EQ(std::get<Invoke>(*invoke).call, 77u);
    EXPECT_EQ(std::get<Invoke>(*invoke).document, std::string("a\0b", 3));
    EXPECT_EQ(std::get<Invoke>(*invoke).secret, "secret");
    const auto reply = parse_host_frame(only_frame(buffer, from_host(Reply{5, 3, "{}"})));
    ASSERT_TRUE(reply);
    EXPECT_EQ(std::get<Reply>(*reply).status, 3u);
    for (const auto& frame : {HostFrame(Create{"{}"}), HostFrame(Cancel{9}), HostFrame(Destroy{})}) {
        const auto again = parse_host_frame(only_frame(buffer, from_host(frame)));
        ASSERT_TRUE(again);
        EXPECT_EQ(again->index(), frame.index());
    }
}

TEST(Frames, EveryFrameOfTheWorkerIsReadAsItWasWritten) {
    FrameBuffer buffer;
    const auto request =
        parse_worker_frame(only_frame(buffer, from_worker(Request{1, 2, 4, "http", "body"})));
    ASSERT_TRUE(request);
    EXPECT_EQ(std::get<Request>(*request).service, "http");
    EXPECT_EQ(std::get<Request>(*request).payload, "body");
    const auto complete = parse_worker_frame(only_frame(buffer, from_worker(Complete{3, 7, 104857600, ""})));
    ASSERT_TRUE(complete);
    EXPECT_EQ(std::get<Complete>(*complete).size, 104857600u);
    for (const auto& frame : {WorkerFrame(Born{1}), WorkerFrame(Refused{"no"}), WorkerFrame(Ready{}),
                              WorkerFrame(Created{1}), WorkerFrame(Threw{"x"}), WorkerFrame(Returned{12})}) {
        const auto again = parse_worker_frame(only_frame(buffer, from_worker(frame)));
        ASSERT_TRUE(again);
        EXPECT_EQ(again->index(), frame.index());
    }
}

TEST(Frames, APieceIsNoFrameUntilItIsWhole) {
    const auto bytes = from_worker(Request{1, 2, 4, "http", "body"}) + from_worker(Returned{1});
    FrameBuffer buffer;
    std::size_t frames = 0;
    for (const char byte : bytes) {
        buffer.append({&byte, 1});
        const auto raw = buffer.next();
        ASSERT_TRUE(raw);
        if (*raw) {
            ++frames;
            EXPECT_TRUE(parse_worker_frame(**raw));
        }
    }
    EXPECT_EQ(frames, 2u);
    EXPECT_FALSE(buffer.has_rest());
}

TEST(Frames, HalfAFrameStaysUnfinished) {
    const auto whole = from_worker(Complete{1, 0, 2, "{}"});
    EXPECT_EQ(fault(whole), "");
    EXPECT_EQ(fault(whole.substr(0, whole.size() / 2)), "unfinished");
    EXPECT_EQ(fault(whole.substr(0, 3)), "unfinished");
}

TEST(Frames, ALengthIsRefusedBeforeAnythingIsReadForIt) {
    std::string bytes("\xff\xff\xff\xff\x01\x46\x00\x00", 8);
    EXPECT_EQ(fault(bytes), "a frame of 4294967295 bytes");
    bytes[3] = 0;
    bytes[2] = 1;
    EXPECT_EQ(fault(bytes), "unfinished");
}

TEST(Frames, AnUnknownHeaderIsRefused) {
    auto bytes = from_worker(Ready{});
    EXPECT_EQ(fault(bytes), "");
    bytes[4] = 2;
    EXPECT_EQ(fault(bytes), "a frame of version 2 instead of 1");
    bytes[4] = 1;
    bytes[6] = 1;
    EXPECT_EQ(fault(bytes), "a frame with an unknown header");
}

TEST(Frames, AnUnknownKindIsRefusedAndSoIsTheOthersKind) {
    auto bytes = from_worker(Ready{});
    for (const int kind : {0, 6, 7, 64, 73, 200, 255}) {
        bytes[5] = static_cast<char>(kind);
        EXPECT_EQ(fault(bytes), "a frame of the unknown kind " + std::to_string(kind));
    }
    EXPECT_EQ(fault(from_host(Destroy{})), "a frame of the unknown kind 6");
    FrameBuffer buffer;
    EXPECT_FALSE(parse_host_frame(only_frame(buffer, from_worker(Ready{}))));
}

TEST(Frames, FieldsMustFillTheBodyExactly) {
    auto bytes = from_worker(Returned{1});
    bytes.pop_back();
    bytes[0] = 7;
    EXPECT_EQ(fault(bytes), "a frame that ends inside a field");
    bytes = from_worker(Returned{1}) + "x";
    bytes[0] = 9;
    EXPECT_EQ(fault(bytes), "a frame with something behind its last field");
    // A text that says it is longer than the frame.
    bytes = from_worker(Refused{"reason"});
    bytes[8] = 100;
    EXPECT_EQ(fault(bytes), "a frame that ends inside a field");
    bytes[11] = '\xff';
    EXPECT_EQ(fault(bytes), "a frame that ends inside a field");
}

TEST(Frames, FieldsMustNotContradictEachOther) {
    EXPECT_EQ(fault(from_worker(Complete{1, 0, 3, "{}"})), "a frame whose fields contradict each other");
    EXPECT_EQ(fault(from_worker(Complete{1, 0, 0, "{}"})), "a frame whose fields contradict each other");
    EXPECT_EQ(fault(from_worker(Request{1, 1, 1, "http", "{}"})),
              "a frame whose fields contradict each other");
    FrameBuffer buffer;
    EXPECT_FALSE(parse_host_frame(only_frame(buffer, from_host(Invoke{0, "deliver", "[]", ""}))));
    EXPECT_FALSE(parse_host_frame(only_frame(buffer, from_host(Cancel{0}))));
    EXPECT_TRUE(parse_host_frame(only_frame(buffer, from_host(Cancel{1}))));
    // A plugin says by call 0 why it could not be created.
    EXPECT_EQ(fault(from_worker(Complete{0, 8, 2, "{}"})), "");
}

}  // namespace
}  // namespace calyptenora::worker
