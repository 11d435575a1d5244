// plain_line CONFIG RECORDS FOLDER: what the records of one partition give, by the plainest run there is: one
// thread and a map of states; no worker, no task, no store, no log, no changelog, nothing to recover. A
// campaign holds against it what processes over Kafka made of the same records.
//
// RECORDS has for each record a line of six numbers (partition, offset, time of arrival in milliseconds or 0,
// bytes of the topic's name, of the key, of the value), then name, key and value as they are and a line
// break. FOLDER gets findings, notices, tickets, actions and dead-letters, an output a line, in order; and
// states, with a line of three numbers (segment, bytes of the state's key, of the segment) for each segment
// that holds anything, then key and segment as they are and a line break.
#include <array>
#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "base/check.h"
#include "base/time.h"
#include "schemas/record.h"
#include "tests/support/detection_line.h"

namespace tocsin::test {
namespace {

namespace fs = std::filesystem;

// By OutputKind.
constexpr std::array kKinds = {"findings", "notices", "tickets", "actions", "dead-letters"};

std::ifstream Reading(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  CHECK(in.is_open());
  return in;
}

std::ofstream Writing(const fs::path& path) {
  std::ofstream out(path, std::ios::binary);
  CHECK(out.is_open());
  return out;
}

void Finish(std::ofstream& out) {
  out.close();
  CHECK(out.good());
}

std::string Bytes(std::istream& in, size_t size) {
  std::string bytes(size, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  CHECK(in.good());
  return bytes;
}

void LineBreak(std::istream& in) {
  const int byte = in.get();
  CHECK(byte == '\n');
}

void RunAll(std::istream& in, DetectionLine& line) {
  int32_t partition = 0;
  while (in >> partition) {
    int64_t offset = 0;
    int64_t appended_at = 0;
    std::array<size_t, 3> sizes{};
    in >> offset >> appended_at >> sizes[0] >> sizes[1] >> sizes[2];
    LineBreak(in);
    const std::string topic = Bytes(in, sizes[0]);
    const std::string key = Bytes(in, sizes[1]);
    const std::string value = Bytes(in, sizes[2]);
    LineBreak(in);
    line.RunRecord({.topic = topic,
                    .partition = partition,
                    .offset = offset,
                    .appended_at = FromMillis(appended_at),
                    .key = key,
                    .headers = {},
                    .value = value});
  }
  CHECK(in.eof());
}

void WriteOutputs(const DetectionLine& line, const fs::path& folder) {
  std::array<std::ofstream, kKinds.size()> files;
  for (size_t i = 0; i < files.size(); ++i) files[i] = Writing(folder / kKinds[i]);
  for (const schemas::OutRecord& output : line.outputs())
    files.at(static_cast<size_t>(output.kind)) << output.value << '\n';
  for (std::ofstream& file : files) Finish(file);
}

void WriteStates(const DetectionLine& line, const fs::path& folder) {
  std::ofstream out = Writing(folder / "states");
  for (const auto& [key, state] : line.states()) {
    for (uint64_t left = state->segments(); left != 0; left &= left - 1) {
      const int segment = std::countr_zero(left);
      std::string bytes;
      state->EncodeSegment(static_cast<uint8_t>(segment), bytes);
      if (bytes.empty()) continue;
      out << segment << ' ' << key.size() << ' ' << bytes.size() << '\n' << key << bytes << '\n';
    }
  }
  Finish(out);
}

void Main(const fs::path& config, const fs::path& records, const fs::path& folder) {
  std::ifstream text = Reading(config);
  DetectionLine line(
      {.config = std::string(std::istreambuf_iterator<char>(text), {}), .as_over_kafka = true});
  std::ifstream in = Reading(records);
  RunAll(in, line);
  WriteOutputs(line, folder);
  WriteStates(line, folder);
}

}  // namespace
}  // namespace tocsin::test

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: plain_line CONFIG RECORDS FOLDER\n";
    return 64;
  }
  tocsin::test::Main(argv[1], argv[2], argv[3]);
  return 0;
}
