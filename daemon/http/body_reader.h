// The body of a request as it comes off the line: decompressed, counted and held.
//
// A body that is refused is still read to its end: what follows it on the line is the next request.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/body_room.h"

namespace tocsin::daemon {

struct BodyFault {
  int status = 400;
  std::string why;
};

// One thread.
class BodyReader {
 public:
  // `encoding`: what Content-Encoding says, "" for nothing. Taken are gzip (with any number of members),
  // x-gzip, deflate (the zlib format, as RFC 9110 has it) and identity, in any case of letters.
  BodyReader(BodyRoom& room, size_t bytes_max, std::string_view encoding);
  ~BodyReader();
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  // The next bytes. False: more has come than the longest body may have, and it is not worth reading on.
  [[nodiscard]] bool Take(const char* bytes, size_t size);
  // After the last of them: what is wrong with the body; nothing when it is whole.
  [[nodiscard]] std::optional<BodyFault> End();
  // What there is to read; until the reader goes.
  [[nodiscard]] std::string_view body() const { return body_; }

 private:
  class Inflater;
  void Keep(const char* bytes, size_t size);
  void Refuse(int status, std::string why);

  BodyRoom::Share share_;
  const size_t bytes_max_;
  std::unique_ptr<Inflater> inflater_;  // Null: as it comes.
  size_t came_ = 0;                     // Off the line.
  std::string body_;
  std::optional<BodyFault> fault_;
};

// For a body of more than `bytes_max`.
[[nodiscard]] std::string TooLarge(size_t bytes_max);

}  // namespace tocsin::daemon
