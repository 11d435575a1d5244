// Writes seeds for state_fuzz: state_seeds FOLDER. Segments of accounts that have lived, as a checkpoint
// holds them: the fuzzer begins with what is right, and every segment a version adds is among its seeds.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "tests/support/detection_line.h"

namespace {

constexpr size_t kOfEachSegment = 12;

void Write(const std::filesystem::path& file, uint8_t kind, std::string_view bytes) {
  std::ofstream out(file, std::ios::binary);
  out << static_cast<char>(kind) << bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: state_seeds FOLDER\n";
    return 64;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  tocsin::test::DetectionLine line;
  line.RunAll(tocsin::test::GeneratedLines(100, 20, 3));

  std::map<uint8_t, std::set<std::string>> seeds;
  std::string bytes;
  for (const auto& [key, state] : line.states()) {
    for (uint8_t segment = 1; segment < 64; ++segment) {
      if (((state->segments() >> segment) & 1U) == 0) continue;
      bytes.clear();
      state->EncodeSegment(segment, bytes);
      if (!bytes.empty() && seeds[segment].size() < kOfEachSegment) seeds[segment].insert(bytes);
    }
    bytes.clear();
    tocsin::daemon::EncodeState(*state, bytes);
    if (seeds[200].size() < kOfEachSegment) seeds[200].insert(bytes);
  }
  for (const auto& [kind, of_kind] : seeds) {
    int number = 0;
    for (const std::string& seed : of_kind) {
      Write(folder / (std::to_string(kind) + "-" + std::to_string(number++)), kind, seed);
    }
  }
}
