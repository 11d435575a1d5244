// Compact byte forms for state and log frames: varints (LEB128), zigzag, length-prefixed strings; little
// endian.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tocsin {

// Appends to a string the caller owns.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void Byte(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void Bool(bool value) { Byte(value ? 1 : 0); }
  void Varint(uint64_t value) {
    while (value >= 0x80) {
      Byte(static_cast<uint8_t>(value | 0x80));
      value >>= 7;
    }
    Byte(static_cast<uint8_t>(value));
  }
  void Signed(int64_t value) {
    Varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  void Fixed32(uint32_t value) { Raw(&value, sizeof value); }
  void Fixed64(uint64_t value) { Raw(&value, sizeof value); }
  void Float(float value) { Fixed32(std::bit_cast<uint32_t>(value)); }
  void Double(double value) { Fixed64(std::bit_cast<uint64_t>(value)); }
  void String(std::string_view value) {
    Varint(value.size());
    out_.append(value);
  }

 private:
  static_assert(std::endian::native == std::endian::little, "stored bytes are little endian");
  void Raw(const void* data, size_t size) { out_.append(static_cast<const char*>(data), size); }
  std::string& out_;
};

// Reads what ByteWriter wrote. An error sticks: after it every read gives 0 or "", and ok() stays false.
// Views point into the bytes given at construction.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }
  [[nodiscard]] size_t remaining() const { return rest_.size(); }
  void Fail() {
    ok_ = false;
    rest_ = {};
  }

  uint8_t Byte() {
    if (rest_.empty()) {
      Fail();
      return 0;
    }
    const auto value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  bool Bool() {
    const uint8_t value = Byte();
    if (value > 1) Fail();
    return value == 1;
  }
  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = Byte();
      if (!ok_ || (shift == 63 && byte > 1)) break;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    Fail();
    return 0;
  }
  int64_t Signed() {
    const uint64_t value = Varint();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  // A count of things of at least `bytes_each` bytes that follow; fails when they cannot all be there, so
  // that a hostile count never makes us allocate.
  size_t Count(size_t bytes_each = 1) {
    const uint64_t count = Varint();
    if (count > rest_.size() / (bytes_each == 0 ? 1 : bytes_each)) {
      Fail();
      return 0;
    }
    return static_cast<size_t>(count);
  }
  uint32_t Fixed32() { return Raw<uint32_t>(); }
  uint64_t Fixed64() { return Raw<uint64_t>(); }
  float Float() { return std::bit_cast<float>(Fixed32()); }
  double Double() { return std::bit_cast<double>(Fixed64()); }
  std::string_view String() {
    const uint64_t size = Varint();
    if (size > rest_.size()) {
      Fail();
      return {};
    }
    const std::string_view value = rest_.substr(0, static_cast<size_t>(size));
    rest_.remove_prefix(static_cast<size_t>(size));
    return value;
  }

 private:
  template <class T>
  T Raw() {
    T value{};
    if (rest_.size() < sizeof value) {
      Fail();
      return value;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace tocsin
