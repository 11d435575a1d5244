// Where a request ends: in one way only, or nowhere.
#include "daemon/http/framing.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace tocsin::daemon {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

bool IsClear(std::string_view head) {
  HeadBytes bytes;
  for (const char c : head) bytes.Take({&c, 1});
  HeadBytes at_once;
  at_once.Take(head);
  EXPECT_EQ(bytes.clear(), at_once.clear()) << head;
  return bytes.clear();
}

TEST(HeadBytesTest, LinesEndWithBothAndContinueNone) {
  EXPECT_TRUE(IsClear("GET / HTTP/1.1\r\nHost: x\r\nA: \tb c\r\n\r\n"));
  EXPECT_TRUE(IsClear("GET / HTTP/1.1\r\nName: J\xc3\xbcrgen\r\n\r\n"));
  EXPECT_FALSE(IsClear("GET / HTTP/1.1\nHost: x\r\n\r\n"));
  EXPECT_FALSE(IsClear("GET / HTTP/1.1\r\nContent-Length: 5\n\r\n"));
  EXPECT_FALSE(IsClear("GET / HTTP/1.1\r\nA: b\rContent-Length: 5\r\n\r\n"));
  EXPECT_FALSE(IsClear("GET / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"));
  EXPECT_FALSE(IsClear("GET / HTTP/1.1\r\nTransfer-Encoding:\r\n\tchunked\r\n\r\n"));
  EXPECT_FALSE(IsClear(std::string_view("GET / HTTP/1.1\r\nA: \0b\r\n\r\n", 25)));
  EXPECT_FALSE(IsClear("GET / HTTP/1.1\r\nA: \x7f\r\n\r\n"));
}

TEST(HeadBytesTest, WhatTheLibraryWouldReadAnotherWay) {
  for (const char* const header : {"Content-Length: %35", "CONTENT-LENGTH: 5%",
                                   "Transfer-Encoding: %63hunked", "Content-Length:", "Content-Length: \t",
                                   "Transfer-Encoding:", "Transfer-Encoding chunked", "nonsense"})
    EXPECT_FALSE(IsClear(std::string("POST / HTTP/1.1\r\nHost: x\r\n") + header + "\r\n\r\n")) << header;
  for (const char* const header : {"Content-Length: 5", "Transfer-Encoding: chunked", "A:", "ce-note: 100%25",
                                   "Content-Length-Too: %35", "X-Content-Length:"})
    EXPECT_TRUE(IsClear(std::string("POST /%41 HTTP/1.1\r\n") + header + "\r\nB: c\r\n\r\n")) << header;
}

TEST(BodyFrameTest, ALengthIsSaidOnceAndInDigits) {
  EXPECT_TRUE(BodyFrame(Headers{}).ended());
  EXPECT_TRUE(BodyFrame(Headers{{"Content-Length", "0"}}).ended());
  BodyFrame five(Headers{{"content-length", "5"}});
  EXPECT_EQ(five.left(), 5U);
  five.Take("abc");
  EXPECT_FALSE(five.ended());
  five.Take("de");
  EXPECT_TRUE(five.ended());
  EXPECT_EQ(five.left(), 0U);
  for (const char* const wrong :
       {"", "abc", "5a", "+5", "-5", "5, 5", "0x5", "5.0", "18446744073709551616"}) {
    const BodyFrame frame(Headers{{"Content-Length", wrong}});
    EXPECT_FALSE(frame.clear()) << wrong;
    EXPECT_FALSE(frame.ended()) << wrong;
    EXPECT_EQ(frame.left(), 0U) << wrong;
  }
  EXPECT_FALSE(BodyFrame(Headers{{"Content-Length", "5"}, {"CONTENT-LENGTH", "5"}}).clear());
}

TEST(BodyFrameTest, NamesAndEncodingsThatAnotherMayReadOtherwise) {
  EXPECT_TRUE(BodyFrame(Headers{{"Transfer-Encoding", "Chunked"}}).clear());
  for (const char* const wrong :
       {"", "identity", "xchunked", "gzip, chunked", "chunked, chunked", "chunked\x0b"})
    EXPECT_FALSE(BodyFrame(Headers{{"Transfer-Encoding", wrong}}).clear()) << wrong;
  EXPECT_FALSE(BodyFrame(Headers{{"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}}).clear());
  EXPECT_FALSE(BodyFrame(Headers{{"Content-Length", "0"}, {"Transfer-Encoding", "chunked"}}).clear());
  EXPECT_FALSE(
      BodyFrame(Headers{{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}).clear());
  for (const char* const name :
       {"", "Content-Length ", " Content-Length", "Content Length", "Content\tLength"})
    EXPECT_FALSE(BodyFrame(Headers{{name, "5"}}).clear()) << name;
}

// True: all of it was a body, and nothing is missing.
bool IsWhole(const std::string& body) {
  BodyFrame at_once(Headers{{"Transfer-Encoding", "chunked"}});
  at_once.Take(body);
  BodyFrame by_byte(Headers{{"Transfer-Encoding", "chunked"}});
  for (const char c : body) by_byte.Take({&c, 1});
  EXPECT_EQ(at_once.ended(), by_byte.ended()) << body;
  EXPECT_EQ(at_once.left() == 0, at_once.ended()) << body;
  EXPECT_FALSE(at_once.lost() && at_once.ended()) << body;
  return at_once.ended();
}

TEST(BodyFrameTest, AChunkedBodyEndsWithItsLastChunk) {
  EXPECT_TRUE(IsWhole("0\r\n\r\n"));
  EXPECT_TRUE(IsWhole("2\r\nab\r\n0\r\n\r\n"));
  EXPECT_TRUE(IsWhole("2;name=value\r\nab\r\nA\r\n0123456789\r\n000\r\n\r\n"));
  EXPECT_TRUE(IsWhole("9\r\n0\r\n\r\n0\r\n\r\r\n0\r\n\r\n")) << "what is in a chunk ends nothing";
  const std::string body = "2\r\nab\r\n0\r\n\r\n";
  for (size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(IsWhole(body.substr(0, size))) << size;
  EXPECT_FALSE(IsWhole(body + "G")) << "this is another request";
}

TEST(BodyFrameTest, AChunkedBodyThatAnotherMayReadOtherwiseNeverEnds) {
  for (const char* const wrong :
       {"\r\n\r\n", "-0\r\n\r\n", "+0\r\n\r\n", " 0\r\n\r\n", "0 \r\n\r\n", "0x0\r\n\r\n", "0\n\r\n",
        "0\r\n\n", "0;a\n\r\n", "0\r\nTrailer: x\r\n\r\n", "2\r\nabX\r\n0\r\n\r\n", "2\r\nab\n0\r\n\r\n",
        "2\r\nabc\r\n0\r\n\r\n", "0000000000000000\r\n\r\n", "10000000000000000\r\n\r\n", "g\r\n\r\n"})
    EXPECT_FALSE(IsWhole(wrong)) << wrong;
}

}  // namespace
}  // namespace tocsin::daemon
