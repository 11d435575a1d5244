#include "base/json_writer.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/utf8.h"

#ifdef NDEBUG
#define DEBUG_CHECK(expression) static_cast<void>(0)
#else
#define DEBUG_CHECK(expression) CHECK(expression)
#endif

namespace tocsin {
namespace {

constexpr uint64_t kOnes = 0x0101'0101'0101'0101;
constexpr uint64_t kHighBits = 0x8080'8080'8080'8080;

// A high bit wherever a byte of `word` is below 0x20, a quote, a backslash or not ASCII. Bytes above a marked
// one may be marked wrongly (the borrow), so only zero and the lowest mark mean something.
uint64_t Marks(uint64_t word) {
  const uint64_t quote = word ^ (kOnes * '"');
  const uint64_t backslash = word ^ (kOnes * '\\');
  return (word | (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes)) & kHighBits;
}

bool IsPlain(char c) { return static_cast<unsigned char>(c - 0x20) < 0x60 && c != '"' && c != '\\'; }

// How many bytes from `from` on can be copied as they are without a look at UTF-8.
size_t PlainRun(std::string_view text, size_t from) {
  size_t at = from;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if (Marks(word) != 0) break;
  }
  while (at < text.size() && IsPlain(text[at])) ++at;
  return at - from;
}

void AppendEscaped(std::string& out, char c) {
  constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += kDigits[c >> 4 & 15];
  out += kDigits[c & 15];
}

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  size_t copied = 0;
  size_t at = 0;
  while (at < text.size()) {
    at += PlainRun(text, at);
    if (at == text.size()) break;
    if ((static_cast<unsigned char>(text[at]) & 0x80) == 0) {
      out.append(text, copied, at - copied);
      AppendEscaped(out, text[at]);
      copied = ++at;
      continue;
    }
    const utf8::Decoded decoded = utf8::Decode(text.substr(at));
    if (!decoded.valid) {
      out.append(text, copied, at - copied);
      utf8::Append(out, utf8::kReplacement);
      copied = at + decoded.size;
    }
    at += decoded.size;
  }
  out.append(text, copied, std::string_view::npos);
  out += '"';
}

template <class T>
void AppendNumber(std::string& out, T value) {
  char text[32];  // The longest double takes 24.
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, value);
  out.append(text, static_cast<size_t>(end.ptr - text));
}

}  // namespace

void JsonWriter::Separate() {
  DEBUG_CHECK(after_key_ || depth_ == 0 || (objects_ & 1) == 0);
  if (comma_) out_ += ',';
  after_key_ = false;
  comma_ = true;
}

void JsonWriter::Open(char bracket, bool object) {
  Separate();
  out_ += bracket;
  comma_ = false;
  objects_ = objects_ << 1 | (object ? 1 : 0);
  ++depth_;
  DEBUG_CHECK(depth_ <= 64);
}

void JsonWriter::Close(char bracket, [[maybe_unused]] bool object) {
  DEBUG_CHECK(depth_ > 0 && !after_key_ && (objects_ & 1) == (object ? 1 : 0));
  out_ += bracket;
  comma_ = true;
  objects_ >>= 1;
  --depth_;
}

JsonWriter& JsonWriter::BeginObject() {
  Open('{', true);
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  Close('}', true);
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  Open('[', false);
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  Close(']', false);
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  DEBUG_CHECK(!after_key_ && depth_ > 0 && (objects_ & 1) == 1);
  if (comma_) out_ += ',';
  AppendQuoted(out_, key);
  out_ += ':';
  comma_ = false;
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  Separate();
  AppendQuoted(out_, value);
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  Separate();
  AppendNumber(out_, value);
  return *this;
}

JsonWriter& JsonWriter::Uint(uint64_t value) {
  Separate();
  AppendNumber(out_, value);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  Separate();
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::Null() {
  Separate();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::Double(double value) {
  if (!std::isfinite(value)) return Null();
  Separate();
  AppendNumber(out_, value);
  return *this;
}

JsonWriter& JsonWriter::Time(Timestamp at) {
  Separate();
  out_ += '"';
  AppendRfc3339(out_, at);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  DEBUG_CHECK(!json.empty());
  Separate();
  out_ += json;
  return *this;
}

}  // namespace tocsin
