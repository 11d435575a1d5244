// What becomes of a body on its way from the line: compressed in the ways that senders know, or in part.
#include "daemon/http/body_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <vector>

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;

constexpr int kGzip = MAX_WBITS + 16;
constexpr int kZlib = MAX_WBITS;

std::string Packed(std::string text, int window_bits = kGzip, int flush = Z_FINISH) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, flush);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

struct Sent {
  std::string name;
  std::string encoding;
  std::string bytes;
  std::string read;  // "": refused.
  int status = 0;
  std::string why;
};

std::string WrongSum() {
  std::string bytes = Packed("two lines");
  bytes[bytes.size() - 6] = static_cast<char>(~bytes[bytes.size() - 6]);
  return bytes;
}

class BodyReaderTest : public testing::TestWithParam<Sent> {};

TEST_P(BodyReaderTest, ReadsItWholeOrSaysWhy) {
  const Sent& sent = GetParam();
  for (const size_t piece : {size_t{1}, size_t{7}, sent.bytes.size() + 1}) {
    BodyRoom room(1000);
    BodyReader reader(room, 1000, sent.encoding);
    for (size_t at = 0; at < sent.bytes.size(); at += piece)
      EXPECT_TRUE(reader.Take(sent.bytes.data() + at, std::min(piece, sent.bytes.size() - at)));
    const std::optional<BodyFault> fault = reader.End();
    EXPECT_EQ(fault ? fault->status : 0, sent.status) << piece;
    EXPECT_THAT(fault ? fault->why : "", HasSubstr(sent.why)) << piece;
    EXPECT_EQ(reader.body(), sent.read) << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Encodings, BodyReaderTest,
    testing::Values(
        Sent{"Plain", "", "a b", "a b"}, Sent{"Identity", "Identity", "a b", "a b"},
        Sent{"Gzip", "gzip", Packed("a b"), "a b"}, Sent{"GzipInCapitals", "GZIP", Packed("a b"), "a b"},
        Sent{"XGzip", "x-gzip", Packed("a b"), "a b"},
        Sent{"Deflate", "deflate", Packed("a b", kZlib), "a b"},
        Sent{"TwoMembers", "gzip", Packed("a ") + Packed("b"), "a b"}, Sent{"NothingAtAll", "gzip", "", ""},
        Sent{"FlushedAndNotClosed", "gzip", Packed("a b", kGzip, Z_SYNC_FLUSH), "", 400, "cut off"},
        Sent{"WithoutItsLastByte", "gzip", Packed("a b").substr(0, Packed("a b").size() - 1), "", 400,
             "cut off"},
        Sent{"SecondMemberCutOff", "gzip", Packed("a ") + Packed("b").substr(0, 5), "", 400, "cut off"},
        Sent{"WrongSum", "gzip", WrongSum(), "", 400, "damaged"},
        Sent{"NotCompressed", "gzip", R"({"type":"login"})", "", 400, "damaged"},
        Sent{"Zstd", "zstd", "\x28\xb5\x2f\xfd", "", 415, "gzip or deflate"},
        Sent{"Twice", "gzip, gzip", Packed(Packed("a b")), "", 415, "gzip or deflate"},
        Sent{"Longest", "gzip", Packed(std::string(1000, 'x')), std::string(1000, 'x')},
        Sent{"TooLong", "gzip", Packed(std::string(1001, 'x')), "", 413, "larger than 1000 bytes"}),
    [](const auto& tested) { return tested.param.name; });

TEST(BodyReaderLimitsTest, WhatIsTooLongOnTheLineIsNotReadOn) {
  BodyRoom room(1000);
  BodyReader reader(room, 3, "");
  EXPECT_TRUE(reader.Take("abc", 3));
  EXPECT_FALSE(reader.Take("d", 1));
  EXPECT_EQ(reader.End()->status, 413);
}

TEST(BodyReaderLimitsTest, WhatHasNoRoomIsSentAgainLater) {
  constexpr size_t kLongest = size_t{1} << 20U;
  const std::string text(kLongest, 'x');
  BodyRoom room(kLongest);
  {
    BodyReader first(room, kLongest, "");
    BodyReader second(room, kLongest, "");
    EXPECT_TRUE(first.Take(text.data(), text.size()));
    EXPECT_TRUE(second.Take(text.data(), text.size()));
    EXPECT_FALSE(first.End());
    EXPECT_EQ(second.End()->status, 503);
    EXPECT_EQ(second.body(), "");
  }
  BodyReader third(room, kLongest, "");
  EXPECT_TRUE(third.Take(text.data(), text.size()));
  EXPECT_FALSE(third.End());
}

}  // namespace
}  // namespace tocsin::daemon
