// Where a request ends, by RFC 9112: what a proxy before us takes for the body of one must never be read here
// as the next one. Whatever could be read in two ways ends the connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tocsin::daemon {

// The first line and the headers of a request, byte by byte as they come.
class HeadBytes {
 public:
  void Take(std::string_view bytes);
  // Each line so far ends with CR LF, none continues the one before, and there is no other control character
  // than a tab. Each header has a colon, and what they say of a body is said in plain characters: the library
  // leaves empty values out, and takes escapes for what they stand for.
  [[nodiscard]] bool clear() const { return clear_; }

 private:
  void TakeHeader(char c);
  void EndLine();

  bool clear_ = true;
  char before_ = 0;     // 0: nothing came yet.
  bool blank_ = false;  // A line has just ended.
  bool first_ = true;   // Still in the first line.
  // Of the header that is being read.
  std::string name_;    // As far as it may be one of the two.
  bool named_ = false;  // Its colon has come.
  bool valued_ = false;
  bool escaped_ = false;
};

// What the headers say of a body, and how much of it has come.
class BodyFrame {
 public:
  // No body.
  BodyFrame() = default;
  // Headers as they were sent, with names in any case of letters.
  template <class Headers>
  explicit BodyFrame(const Headers& headers) {
    for (const auto& [name, value] : headers) Read(name, value);
  }

  // The headers can be read in one way only.
  [[nodiscard]] bool clear() const { return clear_; }
  [[nodiscard]] bool chunked() const { return chunked_; }
  // What may come yet: of a chunked body nobody knows.
  [[nodiscard]] uint64_t left() const { return chunked_ ? (ended() ? 0 : UINT64_MAX) : left_; }
  // It is not as the headers say: nobody knows where it ends.
  [[nodiscard]] bool lost() const { return at_ == At::kLost; }
  // All of it has come: what follows is another request.
  [[nodiscard]] bool ended() const { return clear_ && (chunked_ ? at_ == At::kEnd : left_ == 0); }
  // REQUIRES: no more than left().
  void Take(std::string_view bytes);

 private:
  enum class At : uint8_t {
    kSize,
    kExtension,
    kSizeEnd,
    kData,
    kDataCr,
    kDataLf,
    kLastCr,
    kLastLf,
    kEnd,
    kLost
  };

  void Read(std::string_view name, std::string_view value);
  void TakeChunked(std::string_view bytes);
  [[nodiscard]] At AfterSize(char c);

  bool clear_ = true;
  bool chunked_ = false;
  bool length_given_ = false;
  uint64_t left_ = 0;  // Of the body; of a chunked one, of its chunk.
  At at_ = At::kSize;
  int digits_ = 0;  // Of a chunk's size.
};

}  // namespace tocsin::daemon
