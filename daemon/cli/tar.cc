#include "daemon/cli/tar.h"

#include <array>
#include <cstdio>
#include <cstring>

#include "base/check.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kBlock = 512;

// Where the fields of a header are, and how long.
struct Field {
  size_t at;
  size_t size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kOwner{108, 8}, kGroup{116, 8}, kSize{124, 12}, kTime{136, 12},
    kSum{148, 8};

void PutOctal(std::array<char, kBlock>& header, Field field, uint64_t number) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%0*llo", static_cast<int>(field.size - 1),
                static_cast<unsigned long long>(number));
  std::memcpy(header.data() + field.at, text.data(), field.size - 1);
}

}  // namespace

void AppendToTar(std::string& tar, std::string_view name, std::string_view text, Timestamp at) {
  CHECK(name.size() < kName.size);
  std::array<char, kBlock> header{};
  std::memcpy(header.data(), name.data(), name.size());
  PutOctal(header, kMode, 0644);
  PutOctal(header, kOwner, 0);
  PutOctal(header, kGroup, 0);
  PutOctal(header, kSize, text.size());
  PutOctal(header, kTime, static_cast<uint64_t>(ToMillis(at) / 1000));
  header[156] = '0';  // A file.
  std::memcpy(header.data() + 257,
              "ustar\0"
              "00",
              8);
  std::memset(header.data() + kSum.at, ' ', kSum.size);
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::array<char, 8> digits{};
  std::snprintf(digits.data(), digits.size(), "%06o", sum);
  std::memcpy(header.data() + kSum.at, digits.data(), 7);  // Six digits and a zero; the blank after it stays.
  tar.append(header.data(), header.size()).append(text);
  tar.append((kBlock - text.size() % kBlock) % kBlock, '\0');
}

void FinishTar(std::string& tar) { tar.append(2 * kBlock, '\0'); }

}  // namespace tocsin::daemon
