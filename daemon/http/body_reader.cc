#include "daemon/http/body_reader.h"

#include <zlib.h>

#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"

namespace tocsin::daemon {

// gzip and zlib; which of them, the first bytes tell.
class BodyReader::Inflater {
 public:
  Inflater() {
    constexpr int kEither = 32;
    CHECK(::inflateInit2(&stream_, MAX_WBITS + kEither) == Z_OK);
  }
  ~Inflater() { ::inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Hands what comes out to `keep`, until that has enough. False: this is not compressed in either way.
  template <class Sink>
  bool Feed(const char* bytes, size_t size, Sink keep) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes));
    stream_.avail_in = static_cast<uInt>(size);
    std::array<char, 16384> out;
    do {
      // One member may follow another (RFC 1952, 2.2).
      if (ended_ && ::inflateReset(&stream_) != Z_OK) return false;
      ended_ = false;
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = static_cast<uInt>(out.size());
      const int result = ::inflate(&stream_, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return false;
      ended_ = result == Z_STREAM_END;
      if (!keep(out.data(), out.size() - stream_.avail_out)) return true;
    } while (stream_.avail_in > 0 || (!ended_ && stream_.avail_out == 0));
    return true;
  }
  // What was fed is whole.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  z_stream stream_{};
  bool ended_ = false;
};

BodyReader::BodyReader(BodyRoom& room, size_t bytes_max, std::string_view encoding)
    : share_(room), bytes_max_(bytes_max) {
  const auto is = [&](std::string_view name) { return EqualsIgnoringCase(encoding, name); };
  if (is("gzip") || is("x-gzip") || is("deflate")) {
    inflater_ = std::make_unique<Inflater>();
  } else if (!encoding.empty() && !is("identity")) {
    Refuse(415, "this Content-Encoding is not read: send gzip or deflate, or none");
  }
}

BodyReader::~BodyReader() = default;

bool BodyReader::Take(const char* bytes, size_t size) {
  if (size > bytes_max_ - came_) {
    Refuse(413, TooLarge(bytes_max_));
    return false;
  }
  came_ += size;
  if (fault_ || size == 0) return true;
  if (inflater_ == nullptr) {
    Keep(bytes, size);
    return true;
  }
  const bool good = inflater_->Feed(bytes, size, [this](const char* out, size_t out_size) {
    Keep(out, out_size);
    return !fault_;
  });
  if (!good) Refuse(400, "the compressed body is damaged");
  return true;
}

std::optional<BodyFault> BodyReader::End() {
  if (!fault_ && inflater_ != nullptr && came_ > 0 && !inflater_->ended())
    Refuse(400, "the compressed body is cut off: close the stream that compresses it before you send");
  return fault_;
}

void BodyReader::Keep(const char* bytes, size_t size) {
  if (size > bytes_max_ - body_.size()) {
    Refuse(413, TooLarge(bytes_max_));
  } else if (!share_.Hold(body_.size() + size)) {
    Refuse(503, "too many large bodies at once; send again later");
  } else {
    body_.append(bytes, size);
  }
}

// The first reason stands.
void BodyReader::Refuse(int status, std::string why) {
  if (!fault_) fault_ = {.status = status, .why = std::move(why)};
  body_ = {};
  share_.Release();
}

std::string TooLarge(size_t bytes_max) {
  return "the body is larger than " + std::to_string(bytes_max) + " bytes: send it in pieces";
}

}  // namespace tocsin::daemon
