#include "daemon/http/framing.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace tocsin::daemon {
namespace {

constexpr int kSizeDigitsMax = 15;  // Of a chunk: as many as cannot overflow.
constexpr std::string_view kLength = "content-length";
constexpr std::string_view kEncoding = "transfer-encoding";

bool IsTokenCharacter(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool digit = c >= '0' && c <= '9';
  return letter || digit || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void HeadBytes::Take(std::string_view bytes) {
  for (const char c : bytes) {
    if (c == '\n') {
      clear_ = clear_ && before_ == '\r';
      blank_ = true;
      EndLine();
    } else {
      const bool control = (c >= 0 && c < ' ' && c != '\t' && c != '\r') || c == '\x7f';
      const bool continues = blank_ && (c == ' ' || c == '\t');
      clear_ = clear_ && !control && !continues && before_ != '\r';
      blank_ = false;
      if (!first_ && c != '\r') TakeHeader(c);
    }
    before_ = c;
  }
}

void HeadBytes::TakeHeader(char c) {
  if (named_) {
    valued_ = valued_ || (c != ' ' && c != '\t');
    escaped_ = escaped_ || c == '%';
  } else if (c == ':') {
    named_ = true;
  } else if (name_.size() <= kEncoding.size()) {
    name_ += c;
  }
}

void HeadBytes::EndLine() {
  const bool of_body = EqualsIgnoringCase(name_, kLength) || EqualsIgnoringCase(name_, kEncoding);
  if (!name_.empty() && !named_) clear_ = false;
  if (of_body && (!valued_ || escaped_)) clear_ = false;
  first_ = false;
  name_.clear();
  named_ = valued_ = escaped_ = false;
}

void BodyFrame::Read(std::string_view name, std::string_view value) {
  if (name.empty() || !std::ranges::all_of(name, IsTokenCharacter)) clear_ = false;
  if (EqualsIgnoringCase(name, kEncoding)) {
    // Ours is the last and only one; a request that says both, or says it twice, was made to be read twice.
    clear_ = clear_ && !chunked_ && !length_given_ && EqualsIgnoringCase(value, "chunked");
    chunked_ = true;
  } else if (EqualsIgnoringCase(name, kLength)) {
    const char* const end = value.data() + value.size();
    uint64_t length = 0;
    const auto read = std::from_chars(value.data(), end, length);
    clear_ = clear_ && !chunked_ && !length_given_ && read.ec == std::errc() && read.ptr == end;
    length_given_ = true;
    left_ = length;
  }
  if (!clear_) left_ = 0;
}

void BodyFrame::Take(std::string_view bytes) {
  if (chunked_) {
    TakeChunked(bytes);
  } else {
    left_ -= std::min<uint64_t>(left_, bytes.size());
  }
}

BodyFrame::At BodyFrame::AfterSize(char c) {
  if (c == ';') return At::kExtension;
  return c == '\r' ? At::kSizeEnd : At::kLost;
}

void BodyFrame::TakeChunked(std::string_view bytes) {
  while (!bytes.empty() && at_ != At::kLost) {
    if (at_ == At::kData) {
      const uint64_t data = std::min<uint64_t>(left_, bytes.size());
      left_ -= data;
      bytes.remove_prefix(data);
      if (left_ == 0) at_ = At::kDataCr;
      continue;
    }
    const char c = bytes.front();
    bytes.remove_prefix(1);
    const auto expect = [&](char wanted, At next) { at_ = c == wanted ? next : At::kLost; };
    switch (at_) {
      case At::kSize: {
        const int digit = HexDigit(c);
        if (digit >= 0 && digits_ < kSizeDigitsMax) {
          left_ = left_ * 16 + static_cast<uint64_t>(digit);
          ++digits_;
        } else {
          at_ = digit < 0 && digits_ > 0 ? AfterSize(c) : At::kLost;
        }
        break;
      }
      case At::kExtension:
        if (c == '\r') at_ = At::kSizeEnd;
        if (c == '\n') at_ = At::kLost;
        break;
      case At::kSizeEnd:
        expect('\n', left_ > 0 ? At::kData : At::kLastCr);
        digits_ = 0;
        break;
      case At::kDataCr:
        expect('\r', At::kDataLf);
        break;
      case At::kDataLf:
        expect('\n', At::kSize);
        break;
      case At::kLastCr:
        expect('\r', At::kLastLf);
        break;  // No trailers: nobody reads them.
      case At::kLastLf:
        expect('\n', At::kEnd);
        break;
      default:
        at_ = At::kLost;
        break;  // More than a body.
    }
  }
}

}  // namespace tocsin::daemon
